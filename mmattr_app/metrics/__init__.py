"""The metrics, by the name typed on the command line: figures that say how good a map is."""

from mmattr_app.arithmetic.curves import MASKS, RANDOM_MASKS
from mmattr_app.arithmetic.sampling import SUBSETS
from mmattr_app.contracts import Metric
from mmattr_app.metrics.above_chance import above_chance
from mmattr_app.metrics.deletion import deletion, random_deletion, sensitive_deletion
from mmattr_app.metrics.infidelity import infidelity
from mmattr_app.metrics.insertion import insertion, random_insertion, sensitive_insertion
from mmattr_app.metrics.mu_fidelity import mu_fidelity
from mmattr_app.metrics.sufficiency import sufficiency

METRICS: dict[str, Metric] = {
    "insertion": Metric(
        insertion, "Show the best regions first: the sooner the words come back, the better the map.", MASKS
    ),
    "deletion": Metric(
        deletion, "Hide the best regions first: the sooner the words are lost, the better the map.", MASKS
    ),
    "sensitive-insertion": Metric(sensitive_insertion, "Insertion of only the tokens that need the picture.", MASKS),
    "sensitive-deletion": Metric(sensitive_deletion, "Deletion of only the tokens that need the picture.", MASKS),
    "random-insertion": Metric(random_insertion, "Insertion in eight random orders, to compare with.", RANDOM_MASKS),
    "random-deletion": Metric(random_deletion, "Deletion in eight random orders, to compare with.", RANDOM_MASKS),
    "above-chance": Metric(
        above_chance,
        "Insertion minus deletion, less that of the best of eight random orders: above zero?",
        2 * MASKS + RANDOM_MASKS,
    ),
    "sufficiency": Metric(sufficiency, "What the words lose when only the best tenth of the picture is left.", 1),
    "mu-fidelity": Metric(
        mu_fidelity, "Do regions with high scores, hidden together, cost more? 1 is best, 0 is chance.", SUBSETS
    ),
    "infidelity": Metric(infidelity, "How far scores are from what hiding random regions costs; 0 is best.", SUBSETS),
}
