"""The methods, by the name typed on the command line."""

from mmattr_app.arithmetic.pixel_maps import draw_nothing, one_pass
from mmattr_app.arithmetic.search import sketch as sketch_search
from mmattr_app.contracts import AsksMasks, Method, RunMethod, Sketch
from mmattr_app.domain import Reads
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
    jsd,
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


def _for_all(run: RunMethod, summary: str, masks: AsksMasks, sketch: Sketch, reads: Reads) -> Method:
    """Make a method that hides players and explains all tokens in one run."""
    return Method(run, summary, masks, needs="probe", scope="all tokens", reads=reads, sketch=sketch)


def _search(run: RunMethod, summary: str, masks: AsksMasks, reads: Reads = "order") -> Method:
    """Make a method that searches for the players that matter to a selection of tokens."""
    return Method(run, summary, masks, needs="probe", scope="selection", reads=reads, sketch=sketch_search)


def _for_each_token(run: RunMethod, summary: str) -> Method:
    """Make a method that reads an open model in one pass, with a map for each token."""
    return Method(run, summary, one_pass, needs="open model", scope="all tokens", reads="weight", sketch=draw_nothing)


def _for_selection(run: RunMethod, summary: str, masks: AsksMasks) -> Method:
    """Make a method that takes gradients in many passes; for a selection, since each map needs its own passes."""
    return Method(run, summary, masks, needs="open model", scope="selection", reads="weight", sketch=draw_nothing)


METHODS: dict[str, Method] = {
    "smooth": _for_all(
        smooth.smooth,
        "Hide smooth halves, and more where it is unsure: a fine map that knows its errors.",
        smooth.masks,
        smooth.sketch,
        "estimate",
    ),
    "ablation": _for_all(
        ablation.ablation,
        "Hide one region at a time and see what each word loses.",
        ablation.masks,
        ablation.sketch,
        "measured loss",
    ),
    "surrogate": _for_all(
        surrogate.surrogate,
        "Hide random halves of the picture and fit what each region adds (LASSO).",
        surrogate.masks,
        surrogate.sketch,
        "estimate",
    ),
    "coarse-to-fine": _for_all(
        coarse_to_fine.coarse_to_fine,
        "Hide large parts first, and cut finer what matters most to each word.",
        coarse_to_fine.masks,
        coarse_to_fine.sketch,
        "measured loss",
    ),
    "keep-one": _for_all(
        keep_one.keep_one,
        "Show one region at a time and see what each word gains.",
        keep_one.masks,
        keep_one.sketch,
        "measured gain",
    ),
    "windows": _for_all(
        windows.windows,
        "Hide squares of 2x2 cells of a grid, one after the other.",
        windows.masks,
        windows.sketch,
        "mean effect",
    ),
    "shapley": _for_all(
        shapley.shapley,
        "Show regions in random orders and average what each adds (Shapley values).",
        shapley.masks,
        shapley.sketch,
        "mean effect",
    ),
    "owen": _for_all(
        owen.owen,
        "Share out what groups of neighbours add, halving them again and again (Owen values).",
        owen.masks,
        owen.sketch,
        "mean effect",
    ),
    "kernelshap": _for_all(
        kernelshap.kernelshap,
        "Hide random regions in pairs of masks and fit Shapley values (Kernel SHAP).",
        kernelshap.masks,
        kernelshap.sketch,
        "mean effect",
    ),
    "lime": _for_all(
        lime.lime,
        "Hide random halves of the picture and fit what each region adds (ridge).",
        lime.masks,
        lime.sketch,
        "estimate",
    ),
    "rise": _for_all(
        rise.rise,
        "Hide random halves of the picture and compare those with and without each region.",
        rise.masks,
        rise.sketch,
        "estimate",
    ),
    "sobol": _for_all(
        sobol.sobol,
        "Turn one region over in random masks: how much of a word's variance is its (Sobol).",
        sobol.masks,
        sobol.sketch,
        "dependence",
    ),
    "hsic": _for_all(
        hsic.hsic,
        "Hide random halves of the picture: how far word and region are from independent.",
        hsic.masks,
        hsic.sketch,
        "dependence",
    ),
    "jsd": Method(
        jsd.jsd,
        "Hide one region at a time and see how far all possible next words move (Jensen-Shannon).",
        jsd.masks,
        needs="distribution",
        scope="all tokens",
        reads="dependence",
        sketch=draw_nothing,
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
    "eagle": _search(
        eagle.eagle, "For chosen words: take the region that serves them best, again and again.", eagle.masks
    ),
    "eagle-lazy": _search(
        eagle.eagle_lazy, "The same with fewer masks: regions that were good before are asked first.", eagle.masks
    ),
    "lima": _search(lima.lima, "For chosen words: take the best region and the worst one, in turns.", lima.masks),
    "smallest": _search(
        smallest.smallest,
        "For chosen words: the fewest regions on which they keep 90% of their probability.",
        smallest.masks,
    ),
    "interactions": _search(
        interactions.interactions,
        "For chosen words: which of their top regions need each other (Shapley interactions).",
        interactions.masks,
        "estimate",
    ),
}
