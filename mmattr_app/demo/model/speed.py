"""Detours that take less time on CPU cores, for the same numbers; only training takes them."""

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, LlavaForConditionalGeneration


def hasten(model: LlavaForConditionalGeneration) -> None:
    """On a CPU the fused attention's backward and the patch convolution's cost more than all matrices together."""
    model.set_attn_implementation("plain")
    model.model.vision_tower.embeddings.patch_embedding.__class__ = _PatchesAsRows


def low_precision(device: str) -> torch.autocast:
    """bfloat16 where the processor multiplies it: on other CPUs it is 40 times slower than float32."""
    supported = torch.ops.mkldnn._is_mkldnn_bf16_supported  # noqa: SLF001  # nothing public says it
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or supported())


class _PatchesAsRows(nn.Conv2d):
    """A convolution whose windows do not overlap is one matrix product."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # as torch names it
        size, (count, channels, height, width) = self.kernel_size[0], input.shape
        rows = (
            input.reshape(count, channels, height // size, size, width // size, size)
            .permute(0, 2, 4, 1, 3, 5)
            .flatten(3)
        )
        return nn.functional.linear(rows, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2)


def _plain(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    *,
    scaling: float | None = None,
    **_: object,
) -> tuple[Tensor, Tensor]:
    """Softmax in the precision of the matrices: under autocast it would go through float32."""
    del module
    with torch.autocast(query.device.type, enabled=False):
        value = value.to(query.dtype)
        query = query * (scaling or query.shape[-1] ** -0.5)
        weights = query @ key.to(query.dtype).transpose(-2, -1)
        if mask is not None:
            weights = weights + mask.to(query.dtype)
        weights = weights.softmax(-1)
        return (weights @ value).transpose(1, 2).contiguous(), weights


AttentionInterface.register("plain", _plain)
