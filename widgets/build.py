"""Builds what hosts load: `python -m widgets.build` turns src/ into static/v1/: v1.js, the parts that come on use, v1.css.

The results are committed, so that nobody needs this to run the product. The same sources always give the same bytes:
the bundler's version is pinned, and a test rebuilds and compares. The bundler lands in build/, outside the repository.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import brotli

from testimonials.domain.sharing import NETWORKS
from widgets import npm

ESBUILD = "0.28.2"
TERSER = "5.43.1"
ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "widgets" / "src"
RELEASED = ROOT / "widgets" / "static" / "v1"
BRANDS = ROOT / "testimonials" / "static" / "brands.svg"
TOOLS = npm.BUILD / f"esbuild-{ESBUILD}"
# Signs of networks go into groups that each stay below the 3 KB of a part.
BRAND_GROUP_BYTES = 2700


def build(out: Path = RELEASED) -> dict[str, int]:
    """Write all files and their brotli copies into `out`, and nothing else there. Returns file name → bytes as brotli."""
    stage = _staged()
    parts = _parts(stage)
    release = hashlib.sha256(b"".join(parts.values())).hexdigest()[:8]
    files = {f"{name}-{release}.js": body for name, body in parts.items()}
    files["v1.js"] = (
        b"(()=>{" + _script(stage / "index.js", "--format=esm", f'--define:RELEASE="{release}"').strip() + b"})();\n"
    )
    files["v1.css"] = b"".join(path.read_bytes() for path in [stage / "core.css", *sorted(stage.glob("parts/*.css"))])
    out.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, body in sorted(files.items()):
        packed = brotli.compress(body, mode=brotli.MODE_TEXT, quality=11, lgwin=22)
        (out / name).write_bytes(body)
        (out / f"{name}.br").write_bytes(packed)
        sizes[name] = len(packed)
    for stale in {path.name for path in out.iterdir()} - {*files, *(f"{name}.br" for name in files)}:
        (out / stale).unlink()
    return sizes


def _staged() -> Path:
    """A copy of the sources with tidied style sheets and what is taken from elsewhere: the networks and their signs."""
    stage = TOOLS / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(SOURCES, stage)
    for sheet in stage.rglob("*.css"):
        tidy = esbuild("--loader=css", "--minify", stdin=sheet.read_bytes()).decode().strip()
        sheet.write_text(re.sub(r"(--[\w-]+:|,) +", r"\1", tidy))  # what custom properties hold is left to us
    groups = _brands()
    where = {name: number for number, group in enumerate(groups) for name in group}
    registry = {each.name: [each.label, int(each.social), where.get(each.name, -1)] for each in NETWORKS.values()}
    (stage / "parts" / "networks.json").write_text(json.dumps(registry))
    for number, group in enumerate(groups):
        signs = f"export default () => ({json.dumps(group, separators=(',', ':'))});\n"
        (stage / "parts" / f"brands{number}.js").write_text(signs)
    return stage


def _brands() -> list[dict[str, str]]:
    """Network → path of its sign, in groups. A sign whose inner shapes are holes begins with `!`."""
    found = re.findall(r'id="i-brand-(\w+)"[^>]*><path ([^>]*?)d="([^"]+)"', BRANDS.read_text())
    groups: list[dict[str, str]] = [{}]
    for name, attributes, path in found:
        signs = groups[-1] | {name: ("!" if "evenodd" in attributes else "") + path}
        if len(brotli.compress(json.dumps(signs).encode())) > BRAND_GROUP_BYTES:
            groups.append(signs := {name: signs[name]})
        groups[-1] = signs
    return groups


def _parts(stage: Path) -> dict[str, bytes]:
    """Part → its module. A file whose name begins with `_` is there for other parts and is none itself."""
    entries = sorted(path for path in (stage / "parts").glob("*.js") if not path.name.startswith("_"))
    return {path.stem: _script(path, "--format=esm") for path in entries}


def _script(entry: Path, *more: str) -> bytes:
    bundled = esbuild(
        str(entry),
        "--bundle",
        "--minify",
        "--target=es2021",
        "--charset=utf8",
        "--legal-comments=none",
        "--loader:.css=text",
        "--mangle-props=^_[a-z]",  # private by our convention, so nobody outside can miss the long names
        *more,
    )
    return _terser(bundled)


def _terser(script: bytes) -> bytes:
    """The same script, some 3 % shorter than the bundler alone makes it: it looks at everything three times."""
    program = npm.install(f"terser-{TERSER}", f"terser@{TERSER}") / "terser" / "bin" / "terser"
    return _node(program, "--module", "--ecma=2021", "--compress=passes=3,unsafe_arrows", "--mangle", stdin=script)


def esbuild(*arguments: str, stdin: bytes | None = None) -> bytes:
    """What the bundler writes; tests use it too, for scripts and style sheets of others."""
    program = npm.install(TOOLS.name, f"esbuild@{ESBUILD}") / "esbuild" / "bin" / "esbuild"
    return _node(program, *arguments, stdin=stdin)


def _node(program: Path, *arguments: str, stdin: bytes | None) -> bytes:
    """What it writes. Raises SystemExit with what it said where it fails."""
    done = subprocess.run(
        [npm.node(), str(program), *arguments], input=stdin, capture_output=True, check=False, cwd=TOOLS
    )
    if done.returncode:
        raise SystemExit(f"The widget could not be built:\n{done.stderr.decode()}")
    return done.stdout


if __name__ == "__main__":
    for file, size in build().items():
        sys.stdout.write(f"{file} {size} bytes as brotli\n")
