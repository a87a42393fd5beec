"""The methods, by the name typed on the command line."""

from mmattr_app.contracts import Method
from mmattr_app.methods import ablation, coarse_to_fine, smooth, surrogate

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
}
