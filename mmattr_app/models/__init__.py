"""The models: a short catalogue, and any hub id or local folder besides."""

from pathlib import Path

from mmattr_app.contracts import Model, ModelCard
from mmattr_app.errors import AppError

ASSETS = Path(__file__).parents[2] / "assets"

MODELS: dict[str, ModelCard] = {
    "demo": ModelCard(
        str(ASSETS / "demo"),
        says="A 4M-parameter teaching model that knows 48 drawn things in 10 colours; choose another for photographs.",
    ),
}


def load(name: str, *, device: str = "auto", dtype: str = "auto") -> Model:
    """Load a model of the catalogue, a hub id or a local folder."""
    if name.startswith("vllm:"):
        from mmattr_app.models.remote import connect  # noqa: PLC0415

        if (device, dtype) != ("auto", "auto"):
            raise AppError(f"{name} runs elsewhere, where its device and precision were chosen; leave both at auto.")
        return connect(name)
    from mmattr_app.models.loading import load_huggingface  # noqa: PLC0415  (torch takes seconds to import)

    source = MODELS[name].source if name in MODELS else name
    return load_huggingface(name, source, device=device, dtype=dtype)
