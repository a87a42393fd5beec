"""Cut a picture in whatever way, at once or in a worker, as the pipeline does."""

from typing import Any

from mmattr_app import pipeline
from mmattr_app.domain import Pixels
from mmattr_app.pipeline import SILENT, Listener
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.inline import InlineWorker


class NoModel:
    """Stands where the answering model would be: a segmenter asks only where it runs."""

    batch = 1
    device = "cpu"


def cut(image: Pixels, regions: str, listener: Listener = SILENT) -> Segmentation:
    no_model: Any = NoModel()
    return pipeline.segment(image, regions, InlineWorker(no_model), listener)
