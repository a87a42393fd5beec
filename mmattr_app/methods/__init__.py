"""The methods, by the name typed on the command line."""

from mmattr_app.contracts import Method
from mmattr_app.methods import ablation, coarse_to_fine, eagle, interactions, lima, smallest, smooth, surrogate
from mmattr_app.search import sketch as sketch_search

METHODS: dict[str, Method] = {
    "smooth": Method(
        smooth.smooth,
        says="Hide smooth halves, and more where it is unsure: a fine map that knows its errors.",
        masks=smooth.masks,
        needs="probe",
        scope="all tokens",
        reads="estimate",
        sketch=smooth.sketch,
    ),
    "ablation": Method(
        ablation.ablation,
        says="Hide one region at a time and see what each word loses.",
        masks=ablation.masks,
        needs="probe",
        scope="all tokens",
        reads="measured loss",
        sketch=ablation.sketch,
    ),
    "surrogate": Method(
        surrogate.surrogate,
        says="Hide random halves of the picture and fit what each region adds (LASSO).",
        masks=surrogate.masks,
        needs="probe",
        scope="all tokens",
        reads="estimate",
        sketch=surrogate.sketch,
    ),
    "coarse-to-fine": Method(
        coarse_to_fine.coarse_to_fine,
        says="Hide large parts first, and cut finer what matters most to each word.",
        masks=coarse_to_fine.masks,
        needs="probe",
        scope="all tokens",
        reads="measured loss",
        sketch=coarse_to_fine.sketch,
    ),
    # For one selection of tokens.
    "eagle": Method(
        eagle.eagle,
        says="For chosen words: take the region that serves them best, again and again.",
        masks=eagle.masks,
        needs="probe",
        scope="selection",
        reads="order",
        sketch=sketch_search,
    ),
    "eagle-lazy": Method(
        eagle.eagle_lazy,
        says="The same with fewer masks: regions that were good before are asked first.",
        masks=eagle.masks,
        needs="probe",
        scope="selection",
        reads="order",
        sketch=sketch_search,
    ),
    "lima": Method(
        lima.lima,
        says="For chosen words: take the best region and the worst one, in turns.",
        masks=lima.masks,
        needs="probe",
        scope="selection",
        reads="order",
        sketch=sketch_search,
    ),
    "smallest": Method(
        smallest.smallest,
        says="For chosen words: the fewest regions on which they keep 90% of their probability.",
        masks=smallest.masks,
        needs="probe",
        scope="selection",
        reads="order",
        sketch=sketch_search,
    ),
    "interactions": Method(
        interactions.interactions,
        says="For chosen words: which of their top regions need each other (Shapley interactions).",
        masks=interactions.masks,
        needs="probe",
        scope="selection",
        reads="estimate",
        sketch=sketch_search,
    ),
}
