"""The methods, by the name typed on the command line."""

from collections.abc import Callable

from mmattr_app.contracts import Method, RunMethod
from mmattr_app.domain import Keeps
from mmattr_app.methods import (
    ablation,
    attention_last,
    attention_rollout,
    attention_x_gradient,
    coarse_to_fine,
    expected_gradients,
    grad_cam,
    gradient_shap,
    gradient_x_input,
    integrated_gradients,
    smooth,
    smoothgrad,
    surrogate,
    tam,
)
from mmattr_app.pixel_maps import draw_nothing, one_pass


def _reads_model(run: RunMethod, says: str, masks: Callable[[int, int | None, int], Keeps | int] = one_pass) -> Method:
    """Make a method that reads an open model: its scores are weights, for all tokens at once, at the end."""
    return Method(run, says, masks, needs="open model", scope="all tokens", reads="weight", sketch=draw_nothing)


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
    "integrated-gradients": _reads_model(
        integrated_gradients.integrated_gradients,
        "Gradients on the way from the occluder's picture to this one, which add up.",
        integrated_gradients.masks,
    ),
    "expected-gradients": _reads_model(
        expected_gradients.expected_gradients,
        "The same from several baselines, at random points.",
        expected_gradients.masks,
    ),
    "gradient-shap": _reads_model(
        gradient_shap.gradient_shap,
        "The same with noise added to the picture.",
        gradient_shap.masks,
    ),
    "gradient-x-input": _reads_model(
        gradient_x_input.gradient_x_input, "One gradient at the picture, times how far it is from the occluder's."
    ),
    "smoothgrad": _reads_model(
        smoothgrad.smoothgrad, "How large gradients are, on average over noisy pictures.", smoothgrad.masks
    ),
    "attention-rollout": _reads_model(
        attention_rollout.attention_rollout, "Attention followed through all layers, mean over heads."
    ),
    "attention-rollout-max": _reads_model(
        attention_rollout.attention_rollout_max,
        "The same with the strongest head, and without the weakest nine tenths.",
    ),
    "attention-last": _reads_model(attention_last.attention_last, "Attention of the last layer, mean over heads."),
    "attention-x-gradient": _reads_model(
        attention_x_gradient.attention_x_gradient, "Attention times its gradient, followed through all layers."
    ),
    "grad-cam": _reads_model(grad_cam.grad_cam, "The picture's features, weighed by their mean gradients."),
    "tam": _reads_model(tam.tam, "Where the picture calls for the token, and not for earlier words."),
}
