"""The methods, by the name typed on the command line."""

from collections.abc import Callable

from mmattr_app.contracts import Method, RunMethod
from mmattr_app.methods import (
    ablation,
    attention_last,
    attention_rollout,
    attention_x_gradient,
    coarse_to_fine,
    eagle,
    expected_gradients,
    grad_cam,
    gradient_shap,
    gradient_x_input,
    hsic,
    integrated_gradients,
    interactions,
    keep_one,
    kernelshap,
    lima,
    lime,
    owen,
    rise,
    shapley,
    smallest,
    smooth,
    smoothgrad,
    sobol,
    surrogate,
    tam,
    windows,
)
from mmattr_app.pixel_maps import draw_nothing, one_pass
from mmattr_app.search import sketch as sketch_search


def _for_each_token(run: RunMethod, says: str) -> Method:
    """Make a method that reads an open model in one pass, with a map for each token."""
    return Method(run, says, one_pass, needs="open model", scope="all tokens", reads="weight", sketch=draw_nothing)


def _for_selection(run: RunMethod, says: str, masks: Callable[[int, int | None, int], int]) -> Method:
    """Make a method that takes gradients in many passes: for a selection, since each map has a backward of its own."""
    return Method(run, says, masks, needs="open model", scope="selection", reads="weight", sketch=draw_nothing)


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
    "keep-one": Method(
        keep_one.keep_one,
        says="Show one region at a time and see what each word gains.",
        masks=keep_one.masks,
        needs="probe",
        scope="all tokens",
        reads="measured gain",
        sketch=keep_one.sketch,
    ),
    "windows": Method(
        windows.windows,
        says="Hide squares of 2x2 cells of a grid, one after the other.",
        masks=windows.masks,
        needs="probe",
        scope="all tokens",
        reads="mean effect",
        sketch=windows.sketch,
    ),
    "shapley": Method(
        shapley.shapley,
        says="Show regions in random orders and average what each adds (Shapley values).",
        masks=shapley.masks,
        needs="probe",
        scope="all tokens",
        reads="mean effect",
        sketch=shapley.sketch,
    ),
    "owen": Method(
        owen.owen,
        says="Share out what groups of neighbours add, halving them again and again (Owen values).",
        masks=owen.masks,
        needs="probe",
        scope="all tokens",
        reads="mean effect",
        sketch=owen.sketch,
    ),
    "kernelshap": Method(
        kernelshap.kernelshap,
        says="Hide random regions in pairs of masks and fit Shapley values (Kernel SHAP).",
        masks=kernelshap.masks,
        needs="probe",
        scope="all tokens",
        reads="mean effect",
        sketch=kernelshap.sketch,
    ),
    "lime": Method(
        lime.lime,
        says="Hide random halves of the picture and fit what each region adds (ridge).",
        masks=lime.masks,
        needs="probe",
        scope="all tokens",
        reads="estimate",
        sketch=lime.sketch,
    ),
    "rise": Method(
        rise.rise,
        says="Hide random halves of the picture and compare those with and without each region.",
        masks=rise.masks,
        needs="probe",
        scope="all tokens",
        reads="estimate",
        sketch=rise.sketch,
    ),
    "sobol": Method(
        sobol.sobol,
        says="Turn one region over in random masks: how much of a word's variance is its (Sobol).",
        masks=sobol.masks,
        needs="probe",
        scope="all tokens",
        reads="dependence",
        sketch=sobol.sketch,
    ),
    "hsic": Method(
        hsic.hsic,
        says="Hide random halves of the picture: how far word and region are from independent.",
        masks=hsic.masks,
        needs="probe",
        scope="all tokens",
        reads="dependence",
        sketch=hsic.sketch,
    ),
    "integrated-gradients": _for_selection(
        integrated_gradients.integrated_gradients,
        "Gradients on the way from the occluder's picture to this one, which add up.",
        integrated_gradients.masks,
    ),
    "expected-gradients": _for_selection(
        expected_gradients.expected_gradients,
        "The same from several baselines, at random points.",
        expected_gradients.masks,
    ),
    "gradient-shap": _for_selection(
        gradient_shap.gradient_shap,
        "The same with noise added to the picture.",
        gradient_shap.masks,
    ),
    "gradient-x-input": _for_each_token(
        gradient_x_input.gradient_x_input, "One gradient at the picture, times how far it is from the occluder's."
    ),
    "smoothgrad": _for_selection(
        smoothgrad.smoothgrad, "How large gradients are, on average over noisy pictures.", smoothgrad.masks
    ),
    "attention-rollout": _for_each_token(
        attention_rollout.attention_rollout, "Attention followed through all layers, mean over heads."
    ),
    "attention-rollout-max": _for_each_token(
        attention_rollout.attention_rollout_max,
        "The same with the strongest head, and without the weakest nine tenths.",
    ),
    "attention-last": _for_each_token(attention_last.attention_last, "Attention of the last layer, mean over heads."),
    "attention-x-gradient": _for_each_token(
        attention_x_gradient.attention_x_gradient, "Attention times its gradient, followed through all layers."
    ),
    "grad-cam": _for_each_token(grad_cam.grad_cam, "The picture's features, weighed by their mean gradients."),
    "tam": _for_each_token(tam.tam, "Where the picture calls for the token, and not for earlier words."),
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
