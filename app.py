"""Start the page: flags and environment in, a server out."""

import argparse
import logging
import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from mmattr_app.errors import AppError
from mmattr_app.jobs import Desk
from mmattr_app.pipeline import open_worker
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build, launch


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (%(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    downloads = Downloads()
    any_model = options.host in ("127.0.0.1", "::1", "localhost")
    page = build(Desk(open_worker), load_examples(), downloads, any_model=any_model)
    launch(page, downloads, port=options.port, server_name=options.host)


if __name__ == "__main__":
    try:
        main()
    except AppError as error:
        sys.exit(f"mmattr: {error}")
