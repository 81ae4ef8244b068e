"""Our scripts are checked as TypeScript checks them: JSDoc says the types, `tsconfig.json` how strict. Nothing is built."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from widgets import build

TYPESCRIPT = "7.0.2"
FOLDER = build.ROOT / "build" / f"typescript-{TYPESCRIPT}"
COMPILER = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
# What is not typed yet. Each goes from here as soon as it is.
LATER = ("testimonials/static/console/", "testimonials/static/networks.js", "testimonials/static/passkeys.js")


@pytest.fixture(scope="session")
def compiler() -> list[str]:
    """The command. From the npm registry in an exact version, once; it lands in build/, outside the repository."""
    if not COMPILER.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        npm = Path(build._node()).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        command = [build._node(), str(npm), "install", "--prefix", str(FOLDER), *flags, f"typescript@{TYPESCRIPT}"]
        done = subprocess.run(command, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"npm could not install TypeScript; is its registry within reach?\n{done.stderr}"
    return [build._node(), str(COMPILER), "--pretty", "false"]


def check(compiler: list[str], config: Path) -> list[str]:
    """One line for each error."""
    done = subprocess.run(
        [*compiler, "-p", str(config)], capture_output=True, check=False, text=True, cwd=build.ROOT, timeout=60
    )
    found = [line for line in done.stdout.splitlines() if re.search(r"error TS\d+:", line)]
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found


def test_scripts_agree_with_their_types(compiler: list[str]) -> None:
    found = check(compiler, build.ROOT / "tsconfig.json")
    assert [line for line in found if not line.startswith(LATER)] == []


def test_the_check_sees_what_is_wrong(compiler: list[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.js").write_text(
        "/** @param {string | null} name */\nexport const size = (name) => name.length;\n"
    )
    config = tmp_path / "tsconfig.json"
    config.write_text(f'{{"extends": "{build.ROOT / "tsconfig.json"}", "include": ["{tmp_path}/*.js"]}}')
    assert len(check(compiler, config)) == 1
