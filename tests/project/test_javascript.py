"""Our scripts are checked as TypeScript checks them: JSDoc says the types, `tsconfig.json` how strict. Nothing is built."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from widgets import build, npm

TYPESCRIPT = "7.0.2"
# What is not typed yet. Each goes from here as soon as it is.
LATER = ("testimonials/static/console/", "testimonials/static/passkeys.js")


@pytest.fixture(scope="session")
def compiler() -> list[str]:
    """The command. From the npm registry in an exact version, once; it lands in build/, outside the repository."""
    program = npm.install(f"typescript-{TYPESCRIPT}", f"typescript@{TYPESCRIPT}") / "typescript" / "bin" / "tsc"
    return [npm.node(), str(program), "--pretty", "false"]


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
