"""Start the page: flags and environment in, a server out."""

import argparse
import atexit
import logging
import os
import signal
import sys
from dataclasses import fields

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's matrices are small here, and many jobs have theirs at once

from mmattr_app import heaps
from mmattr_app.errors import AppError
from mmattr_app.settings import Settings, settings, variable

FLAGS = ("workers", "allow_models", "trust_visitors", "users", "store")  # the settings that have one with a value
SWITCHES = {"mcp": "--mcp", "classes": "--class"}  # and those that are turned on


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--host", help="address to listen on (127.0.0.1; with --class 0.0.0.0, so that others reach it)"
    )
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (%(default)s)")
    for setting in fields(Settings):
        says = f"{setting.metadata['says']} (or {variable(setting.name)})"
        if setting.name in FLAGS:
            parser.add_argument(f"--{setting.name.replace('_', '-')}", help=says)
        if setting.name in SWITCHES:
            flag = SWITCHES[setting.name]
            parser.add_argument(flag, dest=setting.name, action="store_const", const="1", help=says)
    options = vars(parser.parse_args())
    for name in (*FLAGS, *SWITCHES):
        if options[name] is not None:
            os.environ[variable(name)] = options[name]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a container is stopped by it
    heaps.share()
    from mmattr_app.jobs.temporary import upload_folder  # noqa: PLC0415  (settings are read as this is imported)

    with upload_folder() as uploads:
        os.environ.setdefault("GRADIO_TEMP_DIR", str(uploads))  # Gradio's own is one for everybody on the machine
        serve(options["host"] or ("0.0.0.0" if options["classes"] else "127.0.0.1"), options["port"])  # noqa: S104


def serve(host: str, port: int) -> None:
    """Open the queue and the page before it."""
    from mmattr_app.jobs import Store, open_queue  # noqa: PLC0415
    from mmattr_app.ui.class_mode import open_class  # noqa: PLC0415
    from mmattr_app.ui.examples import load_examples  # noqa: PLC0415
    from mmattr_app.ui.page import build, launch  # noqa: PLC0415
    from mmattr_app.ui.shutdown import serve_until_stopped  # noqa: PLC0415
    from mmattr_app.ui.visitors import is_loopback  # noqa: PLC0415

    queue, examples = open_queue(Store()), load_examples()
    page = build(queue, examples, listens_locally=is_loopback(host) and not os.environ.get("SPACE_ID"))
    more = open_class(examples, queue.store, host, port) if settings().classes else {}
    launch(page, queue, port=port, server_name=host, prevent_thread_lock=True, **more)
    queue.warm_up("demo")
    serve_until_stopped(page, queue)


def end_now() -> None:
    """End without taking torch apart, which can take longer than Docker waits, as can a model that is still asked."""
    atexit._run_exitfuncs()  # noqa: SLF001  (Ray ends its processes there)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
        end_now()
    except AppError as error:
        sys.exit(f"mmattr: {error}")
    except KeyboardInterrupt:
        sys.exit()  # before anybody was served
