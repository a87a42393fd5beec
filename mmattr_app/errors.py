"""The ways a run may end early that are not bugs."""


class AppError(Exception):
    """Something a person can put right; the message says what is wrong and what to do."""


class NoRoom(AppError):  # noqa: N818  (read: there is no room)
    """A model does not fit into memory beside what is there already; alone it may fit."""


class Cancelled(Exception):  # noqa: N818  (the person asked for it)
    """The person asked to stop; replies that came before stay in the memo."""


class WorkerLost(Exception):  # noqa: N818  (it is no fault of the call, which may be asked again)
    """The process that ran a call is gone, with everything it held."""


class WorkerEmpty(WorkerLost):
    """The process is a new one that holds no model yet; the old one ended between two calls."""
