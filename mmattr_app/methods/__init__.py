"""The methods, by the name typed on the command line."""

from mmattr_app.contracts import Method
from mmattr_app.methods import surrogate as lasso
from mmattr_app.methods.ablation import ablation

METHODS: dict[str, Method] = {
    "ablation": Method(
        ablation,
        says="Hide one region at a time and see what each word loses.",
        masks=lambda regions, _: regions + 1,
        needs="probe",
        scope="all tokens",
    ),
    "surrogate": Method(
        lasso.surrogate,
        says="Hide random halves of the picture and fit what each region adds (LASSO).",
        masks=lasso.masks,
        needs="probe",
        scope="all tokens",
    ),
}
