"""The two ways a run may end early that are not bugs."""


class AppError(Exception):
    """Something a person can put right; the message says what is wrong and what to do."""


class Cancelled(Exception):  # noqa: N818  (it is a wish, not an error)
    """The person asked to stop; what was computed so far stays in the memo."""
