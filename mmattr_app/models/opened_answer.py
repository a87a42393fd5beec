"""An answer in a transformers model that runs in this process: its gradients, attention, activations and features."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmattr_app.domain import Answer
from mmattr_app.errors import AppError
from mmattr_app.models.attentions import fold_attention, fold_with_gradients, language_model
from mmattr_app.models.families import family_of
from mmattr_app.models.gradients import gradients_on_line, shrink
from mmattr_app.models.patch_grid import PatchGrid, find_grid
from mmattr_app.models.pixel_inputs import PixelInputs
from mmattr_app.models.teacher_forcing import score_tokens
from mmattr_app.white_box import Combine, Floats, Fold, GradientMaps, Line, Maps, Positions

PICTURE_IDS = ("image_token_id", "image_token_index")


class OpenedAnswer:
    """Runs the model on question and answer once more for each method below, with gradients if it needs them."""

    def __init__(self, model: Any, processor: Any, place: Callable[[Any], Any], answer: Answer) -> None:
        """`place` moves a tensor to the model's device."""
        self._model, self._place, self._answer = model, place, answer
        self._pictures = frozenset(processor.image_processor.model_input_names)
        self._inputs = PixelInputs(processor, answer.question)
        model.requires_grad_(requires_grad=False)  # gradients of pictures, embeddings and attention, not of weights

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        """Give the gradients of each span's log-prob along a line of pictures."""
        if any(line.weights):
            self._check_gradients()
        with torch.enable_grad():
            return gradients_on_line(self._inputs, self._score, line, spans)

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Fold the attention of the layers; give a row for each token, that of the position before it."""
        grid, count = self._grid(), len(self._answer.token_ids)
        length = self._word_ids().shape[0] + len(grid.places)
        rows = range(length - count - 1, length - 1)
        if with_gradients:
            self._check_gradients()
            with torch.enable_grad(), self._embeddings_as_leaf(lambda _: None):
                folded = fold_with_gradients(self._model, self._run, rows, fold)
        else:
            folded = fold_attention(self._model, self._run, fold)[list(rows)]
        return self._positions(folded, grid)

    @torch.no_grad()
    def activations(self) -> Positions:
        """Give the logit of each word at each position: [words, positions]."""
        grid, states = self._grid(), list[Tensor]()
        hook = language_model(self._model).register_forward_hook(lambda *args: states.append(args[-1][0][0]))
        try:
            self._run()
        finally:
            hook.remove()
        head = self._model.get_output_embeddings()
        ids = torch.from_numpy(self._word_ids()).to(head.weight.device)
        logits = states[0].to(head.weight.device).float() @ head.weight[ids].float().T
        if getattr(head, "bias", None) is not None:
            logits += head.bias[ids].float()
        return self._positions(logits.T.cpu().numpy(), grid)

    def features(self, combine: Combine) -> Positions:
        """Combine the pictures' features in the language model with the gradient of each token's log-prob."""
        self._check_gradients()
        grid, leaves, rows = self._grid(), list[Tensor](), list[Floats]()
        with torch.enable_grad(), self._embeddings_as_leaf(leaves.append):
            logprobs = self._run()
        here = self._is_picture()
        features = leaves[0].detach()[0, here].float().cpu().numpy()
        for logprob in logprobs:
            (found,) = torch.autograd.grad(logprob, leaves[0], retain_graph=True)
            rows.append(combine(features, found[0, here].float().cpu().numpy()))
        combined = np.zeros((len(rows), len(here)), np.float32)
        combined[:, here.numpy()] = rows
        return self._positions(combined, grid)

    def spread(self, weights: Floats) -> Maps:
        """Spread rows [rows, picture positions] over the pixels of each position."""
        with torch.enable_grad():
            maps = self._inputs.spread(torch.from_numpy(weights), self._grid().owners)
        return [shrink(one).numpy() for one in maps]

    def _score(self, inputs: dict[str, Any]) -> Tensor:
        """Give the answer's log-probs [tokens]."""
        placed = {name: self._place(value) for name, value in inputs.items()}
        ids = self._answer.token_ids
        return score_tokens(self._model, placed, ids, self._pictures, family=family_of(self._model))[0]

    def _run(self) -> Tensor:
        """Run the model on the prompt, the pictures and the answer: log-probs [tokens]."""
        return self._score(self._inputs.encoded)

    @contextmanager
    def _embeddings_as_leaf(self, take: Callable[[Tensor], None]) -> Iterator[None]:
        """Stop gradients at the language model's input embeddings, before the vision tower; pass these to `take`."""

        def hook(_: Any, args: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
            leaf = options["inputs_embeds"].detach().requires_grad_()
            take(leaf)
            return args, options | {"inputs_embeds": leaf}

        handle = language_model(self._model).register_forward_pre_hook(hook, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()

    def _check_gradients(self) -> None:
        """Refuse float16, in which small gradients underflow to zero."""
        if self._model.dtype == torch.float16:
            raise AppError(
                f"The gradients of {self._answer.model} vanish in float16; choose float32 or bfloat16, or a method "
                "without gradients, such as attention-last."
            )

    def _ids(self) -> Tensor:
        """Give the ids of all positions, prompt and answer: [positions]."""
        return torch.cat([self._inputs.encoded["input_ids"][0], torch.tensor(self._answer.token_ids)])

    def _is_picture(self) -> Tensor:
        """Say which positions are the pictures': [positions]."""
        config = self._model.config
        found = next((found for name in PICTURE_IDS if (found := getattr(config, name, None)) is not None), -1)
        return self._ids() == found

    def _word_ids(self) -> Any:
        return self._ids()[~self._is_picture()].numpy()

    def _grid(self) -> PatchGrid:
        return find_grid(self._model, self._inputs.encoded, int(self._is_picture().sum()))

    def _positions(self, rows: Floats, grid: PatchGrid) -> Positions:
        """Split rows [rows, positions] into the pictures' positions and the words'."""
        here = self._is_picture().numpy()
        if not np.isfinite(rows).all():
            raise AppError("The numbers of this model overflow in its precision; choose float32 or bfloat16.")
        return Positions(rows[:, here], rows[:, ~here], grid.places, self._ids().numpy()[~here], int(here.argmax()))
