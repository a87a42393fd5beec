"""The self-check: scoring must give nearly the log-probs that the model had while it generated the answer."""

from mmattr_app.errors import AppError

# Mean difference over the tokens, in nats: in float32, and in lower precisions (a server's precision counts as low).
TOLERANCE, LOW_TOLERANCE = 1e-3, 0.25


def disagreement(name: str, error: float) -> AppError:
    """Make the error that a model's scoring disagrees with its generation."""
    return AppError(
        f"{name} scores its own answer {error:.2g} nats away from how it spoke it, so no number about it could be "
        "trusted; choose another model."
    )
