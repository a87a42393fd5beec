"""The models: a short catalogue, and any hub id or local folder besides."""

from pathlib import Path

from mmattr_app.contracts import Model, ModelCard

ASSETS = Path(__file__).parents[2] / "assets"

MODELS: dict[str, ModelCard] = {
    "demo": ModelCard(
        source=str(ASSETS / "demo"), says="The small model that comes with the app; it knows drawn scenes."
    ),
}


def load(name: str, *, device: str = "auto", dtype: str = "auto") -> Model:
    """Load a model of the catalogue, a hub id or a local folder."""
    from mmattr_app.models.loading import load_huggingface  # noqa: PLC0415  (torch takes seconds to import)

    source = MODELS[name].source if name in MODELS else name
    return load_huggingface(name, source, device=device, dtype=dtype)
