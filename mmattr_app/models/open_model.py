"""One answer of a model that runs here, opened: its gradients, its attention and what its positions call for."""

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
from mmattr_app.open_models import Combine, Floats, Fold, GradientMaps, Line, Positions

PICTURE_IDS = ("image_token_id", "image_token_index")


class OpenedAnswer:
    """Reads the answer once more for each verb, with gradients where it takes them."""

    def __init__(self, model: Any, processor: Any, place: Callable[[Any], Any], answer: Answer) -> None:
        """`place` brings a tensor to the model."""
        self._model, self._place, self._answer = model, place, answer
        self._pictures = frozenset(processor.image_processor.model_input_names)
        self._inputs = PixelInputs(processor, answer.question)
        model.requires_grad_(requires_grad=False)  # only pictures, words and attention have gradients

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        """Give the gradients of each span's log-prob along a line of pictures."""
        if any(line.weights):
            self._check_gradients()
        with torch.enable_grad():
            return gradients_on_line(self._inputs, self._score, line, spans)

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Fold the attention of the layers; give a row for each token, read at the position before it."""
        grid, count = self._grid(), len(self._answer.token_ids)
        read = self._word_ids().shape[0] + len(grid.places)
        rows = range(read - count - 1, read - 1)
        if with_gradients:
            self._check_gradients()
            with torch.enable_grad(), self._leaf(lambda _: None):
                folded = fold_with_gradients(self._model, self._read, rows, fold)
        else:
            folded = fold_attention(self._model, self._read, fold)[list(rows)]
        return self._positions(folded, grid)

    @torch.no_grad()
    def activations(self) -> Positions:
        """Give the logit of each word at each position: [words, positions]."""
        grid, states = self._grid(), list[Tensor]()
        hook = language_model(self._model).register_forward_hook(lambda *made: states.append(made[-1][0][0]))
        try:
            self._read()
        finally:
            hook.remove()
        head = self._model.get_output_embeddings()
        ids = torch.from_numpy(self._word_ids()).to(head.weight.device)
        logits = states[0].to(head.weight.device).float() @ head.weight[ids].float().T
        if getattr(head, "bias", None) is not None:
            logits += head.bias[ids].float()
        return self._positions(logits.T.cpu().numpy(), grid)

    def features(self, combine: Combine) -> Positions:
        """Combine what the picture gives the language model with the gradient of each token's log-prob."""
        self._check_gradients()
        grid, leaves, rows = self._grid(), list[Tensor](), list[Floats]()
        with torch.enable_grad(), self._leaf(leaves.append):
            logprobs = self._read()
        here = self._of_picture()
        features = leaves[0].detach()[0, here].float().cpu().numpy()
        for logprob in logprobs:
            (found,) = torch.autograd.grad(logprob, leaves[0], retain_graph=True)
            rows.append(combine(features, found[0, here].float().cpu().numpy()))
        read = np.zeros((len(rows), len(here)), np.float32)
        read[:, here.numpy()] = rows
        return self._positions(read, grid)

    def spread(self, weights: Floats) -> Floats:
        """Lay rows [rows, picture positions] over the pixels that the model saw."""
        with torch.enable_grad():
            return shrink(self._inputs.spread(torch.from_numpy(weights), self._grid().owners)).numpy()

    def _score(self, inputs: dict[str, Any]) -> Tensor:
        """Give the answer's log-probs [tokens]."""
        placed = {name: self._place(value) for name, value in inputs.items()}
        ids = self._answer.token_ids
        return score_tokens(self._model, placed, ids, self._pictures, family=family_of(self._model))[0]

    def _read(self) -> Tensor:
        """Read prompt, picture and answer as they are: log-probs [tokens]."""
        return self._score(self._inputs.encoded)

    @contextmanager
    def _leaf(self, hear: Callable[[Tensor], None]) -> Iterator[None]:
        """Let gradients begin at what the language model is given, so that none goes through the vision tower."""

        def hook(_: Any, args: Any, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
            leaf = given["inputs_embeds"].detach().requires_grad_()
            hear(leaf)
            return args, given | {"inputs_embeds": leaf}

        handle = language_model(self._model).register_forward_pre_hook(hook, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()

    def _check_gradients(self) -> None:
        """Refuse half precision, in which small gradients become zero on their way."""
        if self._model.dtype == torch.float16:
            raise AppError(
                f"The gradients of {self._answer.model} vanish in float16; choose float32 or bfloat16, or a method "
                "without gradients, such as attention-last."
            )

    def _ids(self) -> Tensor:
        """List the ids of everything that is read."""
        return torch.cat([self._inputs.encoded["input_ids"][0], torch.tensor(self._answer.token_ids)])

    def _of_picture(self) -> Tensor:
        """Say which positions are the picture's."""
        config = self._model.config
        found = next((found for name in PICTURE_IDS if (found := getattr(config, name, None)) is not None), -1)
        return self._ids() == found

    def _word_ids(self) -> Any:
        return self._ids()[~self._of_picture()].numpy()

    def _grid(self) -> PatchGrid:
        return find_grid(self._model, self._inputs.encoded, int(self._of_picture().sum()))

    def _positions(self, rows: Floats, grid: PatchGrid) -> Positions:
        """Take numbers of all positions apart into those of the picture and those of words."""
        here = self._of_picture().numpy()
        if not np.isfinite(rows).all():
            raise AppError("The numbers of this model overflow in its precision; choose float32 or bfloat16.")
        return Positions(rows[:, here], rows[:, ~here], grid.places, self._ids().numpy()[~here], int(here.argmax()))
