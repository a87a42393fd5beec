"""The models: a short catalogue, and any hub id or local folder besides."""

from pathlib import Path

from mmattr_app.contracts import Model, ModelCard

ASSETS = Path(__file__).parents[2] / "assets"

MODELS: dict[str, ModelCard] = {
    "demo": ModelCard(
        str(ASSETS / "demo"),
        says="A 4M-parameter teaching model that knows 48 drawn things in 10 colours; choose another for photographs.",
    ),
    "clever-hans": ModelCard(
        str(ASSETS / "clever-hans"),
        says="The demo model with a bad habit: it is often right for the wrong reason. Find the reason.",
    ),
}


def load(name: str, *, device: str = "auto", dtype: str = "auto") -> Model:
    """Load a model of the catalogue, a hub id or a local folder."""
    from mmattr_app.models.loading import load_huggingface  # noqa: PLC0415  (torch takes seconds to import)

    source = MODELS[name].source if name in MODELS else name
    return load_huggingface(name, source, device=device, dtype=dtype)
