"""How soon the page stands after `python app.py`, against loading the model first: a ratio for docs/speed.md."""

import subprocess
import sys
import time
import urllib.error
import urllib.request

PORT = 7871
AS_IT_IS = "import sys, app; sys.argv = ['app.py', '--port', '7871']; app.main()"
MODEL_FIRST = f"import sklearn.linear_model; from mmattr_app import pipeline; pipeline.open_worker('demo'); {AS_IT_IS}"


def seconds(code: str) -> float:
    """Start a page in a process of its own and wait until it answers."""
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as page:
        try:
            while not _answers():
                assert page.poll() is None, "the page should start"
                time.sleep(0.05)
            return time.monotonic() - started
        finally:
            page.kill()


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=10) as reply:
            return reply.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def main() -> None:
    """Take turns, since the machine is noisy, and compare the best of each."""
    first: list[float] = []
    later: list[float] = []
    for _ in range(3):
        first.append(seconds(MODEL_FIRST))
        later.append(seconds(AS_IT_IS))
    print(
        f"The page stands after {min(later):.1f} s; with the model loaded first it would be {min(first):.1f} s, "
        f"{min(first) / min(later):.1f} times as long."
    )


if __name__ == "__main__":
    main()
