"""Who may come in, and whose jobs are counted together."""

from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from secrets import token_bytes

import gradio as gr

from mmattr_app.errors import AppError
from mmattr_app.settings import settings

FORM = "NAME:PASSWORD"


class Users:
    """Says whether a name and a password belong together, in the same time whether they do or not."""

    def __init__(self, passwords: dict[str, str]) -> None:
        """Keep digests alone: of one length, and of no use to whoever reads this process's memory later."""
        self._key = token_bytes(32)
        self._nobody = token_bytes(64)
        self._digests = {name: self._digest(password) for name, password in passwords.items()}

    def __call__(self, name: str, password: str) -> bool:
        """Answer Gradio, which asks this at its door."""
        return compare_digest(self._digests.get(name, self._nobody), self._digest(password))

    def _digest(self, password: str) -> bytes:
        return blake2b(password.encode(), key=self._key).digest()


def read_users() -> Users | None:
    """Read the file of the settings; None lets everybody in. No sentence holds what stands there."""
    if not settings().users:
        return None
    try:
        lines = Path(settings().users).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        # The value may be a password that was meant for the file.
        raise AppError(f"MMATTR_USERS names no file that can be read; give one with a line {FORM} a person.") from None
    passwords: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, _, password = line.partition(":")
        name = name.strip()
        if line.strip() and not (name and password):
            raise AppError(f"Line {number} of the file that MMATTR_USERS names is not {FORM}; write it so.")
        if name in passwords:
            raise AppError(f"Line {number} of the file that MMATTR_USERS names repeats a name; give each name once.")
        if name:
            passwords[name] = password
    if not passwords:
        raise AppError(f"The file that MMATTR_USERS names is empty; write a line {FORM} for each person into it.")
    return Users(passwords)


def visitor(request: gr.Request) -> str:
    """Name whoever asks: by the name they came in with, else by their address."""
    if request.username:
        return f"user {request.username}"
    return f"address {request.client.host}" if request.client else ""
