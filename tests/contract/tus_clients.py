"""The tus clients of others, from the npm registry in exact versions. They land in build/, once."""

from __future__ import annotations

import subprocess
from pathlib import Path

from widgets import build

PACKAGES = ("tus-js-client@4.3.1", "@uppy/core@6.3.1", "@uppy/tus@6.0.0")
FOLDER = build.ROOT / "build" / "tus-clients"
ENTRY = """
import * as tus from "tus-js-client";
import Uppy from "@uppy/core";
import Tus from "@uppy/tus";
Object.assign(window, { tus, Uppy, UppyTus: Tus });
"""


def node(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Node.js with `script`, which may require the packages; whoever starts it waits for it."""
    _install()
    command = [build._node(), "-e", script, *arguments]
    return subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def bundle() -> str:
    """One script for a page: `tus`, `Uppy` and `UppyTus` are on its window."""
    _install()
    build._install_esbuild()
    entry = FOLDER / "entry.js"
    entry.write_text(ENTRY)
    return build._esbuild(str(entry), "--bundle", "--format=iife", "--platform=browser", "--target=es2022").decode()


def _install() -> None:
    if all((FOLDER / "node_modules" / package.rsplit("@", 1)[0]).exists() for package in PACKAGES):
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    npm = Path(build._node()).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    command = [build._node(), str(npm), "install", "--prefix", str(FOLDER), *flags, *PACKAGES]
    done = subprocess.run(command, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AssertionError(f"npm could not install {PACKAGES}; is its registry within reach?\n{done.stderr}")
