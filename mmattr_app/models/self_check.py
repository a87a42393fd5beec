"""How near scoring must come to what a model said when it spoke, before its numbers are to be trusted."""

from mmattr_app.errors import AppError

# Nats, on average over the tokens: in float32, and in every lower precision, that of a server included.
TOLERANCE, LOW_TOLERANCE = 1e-3, 0.25


def disagreement(name: str, error: float) -> AppError:
    """Say that a model scores its own answer otherwise than it spoke it."""
    return AppError(
        f"{name} scores its own answer {error:.2g} nats away from how it spoke it, so no number about it could be "
        "trusted; choose another model."
    )
