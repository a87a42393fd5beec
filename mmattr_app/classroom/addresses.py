"""The address at which learners find the page, and its QR code."""

import os
import socket
from io import BytesIO

import segno

# A documentation address: nothing is sent there; connecting only makes the system choose its own address.
ANYWHERE = ("192.0.2.1", 9)


def reach(host: str, port: int) -> str:
    """Give the address at which others reach the page."""
    if space := os.environ.get("SPACE_HOST"):
        return f"https://{space}"
    shown = own_address() if host in ("0.0.0.0", "::", "") else host  # noqa: S104  (compared, not bound)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def own_address() -> str:
    """Give this machine's address in its network, or 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANYWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def code_as_svg(address: str) -> str:
    """Draw a QR code as SVG."""
    file = BytesIO()
    segno.make(address, error="m").save(file, kind="svg", scale=8, border=2, xmldecl=False, svgclass=None, light="#fff")
    return file.getvalue().decode()


def print_code(address: str) -> None:
    """Print a QR code to the terminal."""
    segno.make(address, error="l").terminal(compact=True)
