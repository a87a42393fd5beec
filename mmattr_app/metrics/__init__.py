"""The metrics, by the name typed on the command line: figures that say how good a map is."""

from mmattr_app.contracts import Metric
from mmattr_app.metrics import curves

METRICS: dict[str, Metric] = {
    "insertion": Metric(
        curves.insertion,
        says="Show the best regions first: the sooner the words come back, the better the map.",
        masks=curves.STEPS,
    ),
    "deletion": Metric(
        curves.deletion,
        says="Hide the best regions first: the sooner the words are lost, the better the map.",
        masks=curves.STEPS,
    ),
}
