"""Jobs: runs of the pipeline in the background, to submit, follow, cancel, and find again by an id."""

from mmattr_app.jobs.comparing import CompareMethods
from mmattr_app.jobs.executors import open_queue
from mmattr_app.jobs.for_programs import Ask, Compare
from mmattr_app.jobs.from_results import ExplainWords, FromResult, Sharpen
from mmattr_app.jobs.job import Job, Snapshot
from mmattr_app.jobs.kinds import Explain, FindRegions, Kind
from mmattr_app.jobs.queue import JobQueue
from mmattr_app.jobs.store import Store
from mmattr_app.jobs.trusting import CompareByHiding, HideOtherwise, Measure

__all__ = [
    "Ask",
    "Compare",
    "CompareByHiding",
    "CompareMethods",
    "Explain",
    "ExplainWords",
    "FindRegions",
    "FromResult",
    "HideOtherwise",
    "Job",
    "JobQueue",
    "Kind",
    "Measure",
    "Sharpen",
    "Snapshot",
    "Store",
    "open_queue",
]
