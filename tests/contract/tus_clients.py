"""The tus clients of others, from the npm registry in exact versions. They land in build/, once."""

from __future__ import annotations

import subprocess

from widgets import build, npm

PACKAGES = ("tus-js-client@4.3.1", "@uppy/core@6.3.1", "@uppy/tus@6.0.0")
FOLDER = npm.BUILD / "tus-clients"
ENTRY = """
import * as tus from "tus-js-client";
import Uppy from "@uppy/core";
import Tus from "@uppy/tus";
Object.assign(window, { tus, Uppy, UppyTus: Tus });
"""


def node(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Node.js with `script`, which may require the packages; whoever starts it waits for it."""
    npm.install(FOLDER.name, *PACKAGES)
    command = [npm.node(), "-e", script, *arguments]
    return subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def bundle() -> str:
    """One script for a page: `tus`, `Uppy` and `UppyTus` are on its window."""
    npm.install(FOLDER.name, *PACKAGES)
    entry = FOLDER / "entry.js"
    entry.write_text(ENTRY)
    return build.esbuild(str(entry), "--bundle", "--format=iife", "--platform=browser", "--target=es2022").decode()
