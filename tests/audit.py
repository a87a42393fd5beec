"""Ask for known weaknesses of what is installed, and never call silence good news: `make audit`."""

import json
import subprocess
import sys
from pathlib import Path

UNREACHED = "The advisory database could not be asked, so nothing is known; try again where pypi.org can be reached."


def main() -> None:
    """Print what is known of every package here; end with an error unless all were looked up and none is weak."""
    tool = Path(sys.executable).with_name("pip-audit")
    done = subprocess.run(
        [tool, "--format", "json", "--progress-spinner", "off"], capture_output=True, text=True, check=False
    )
    told, weak = verdict(done.stdout)
    print(told)  # noqa: T201  (it talks to a terminal)
    sys.exit(weak)


def verdict(report: str) -> tuple[str, bool]:
    """Read pip-audit's report; it calls packages that it could not look up free of weaknesses."""
    try:
        packages = json.loads(report)["dependencies"]
    except ValueError:
        return UNREACHED, True
    known = [package for package in packages if "vulns" in package]
    if not known:
        return UNREACHED, True
    lines = [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in {weakness['fix_versions']}"
        for package in known
        for weakness in package["vulns"]
    ]
    unknown = [package["name"] for package in packages if "vulns" not in package]
    if unknown:
        lines.append(f"Not in the database: {', '.join(unknown)}.")
    lines.append(
        f"{len(known)} packages looked up, {sum(bool(package['vulns']) for package in known)} with weaknesses."
    )
    return "\n".join(lines), any(package["vulns"] for package in known)


if __name__ == "__main__":
    main()
