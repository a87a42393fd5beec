"""The methods, by the name typed on the command line."""

from mmattr_app.contracts import Method
from mmattr_app.methods import ablation, surrogate

METHODS: dict[str, Method] = {
    "ablation": Method(
        ablation.ablation,
        says="Hide one region at a time and see what each word loses.",
        masks=ablation.masks,
        needs="probe",
        scope="all tokens",
    ),
    "surrogate": Method(
        surrogate.surrogate,
        says="Hide random halves of the picture and fit what each region adds (LASSO).",
        masks=surrogate.masks,
        needs="probe",
        scope="all tokens",
    ),
}
