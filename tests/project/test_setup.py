"""The way in for developers: two commands, one set-up script, and clear words where it cannot go on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.project.tracked import ROOT, tracked

SCRIPTS = (".ci/setup", ".ci/run", "tests/servers/start_s3.sh")
# Written in halves, so that this file does not name them itself. Which registry is asked is a matter of each machine.
REGISTRIES = tuple(
    half + other
    for half, other in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("docker", ".io"),
        ("ghcr", ".io"),
        ("quay", ".io"),
        ("mcr.micro", "soft.com"),
        ("deb.de", "bian.org"),
        ("archive.u", "buntu.com"),
        ("proxy.go", "lang.org"),
        ("static.crates", ".io"),
    )
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_make_explains_each_of_its_targets() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    rules = re.findall(r"^([a-z]+):", makefile, re.MULTILINE)
    assert sorted(rules) == sorted(phony[1].split())
    shown = run("make").stdout
    assert shown == run("make", "help").stdout
    explained = dict(re.findall(r"^make (\w+) +(.+)$", shown, re.MULTILINE))
    assert explained.keys() == set(rules)
    assert all(len(text) > 10 for text in explained.values())
    assert {"run", "test", "check", "bench"} <= explained.keys()


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_run_and_parsed(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    parsed = run("bash", "-n", script)
    assert (parsed.returncode, parsed.stderr) == (0, "")


def test_setup_stays_with_the_bash_of_macos() -> None:
    """Bash 3.2 has no associative arrays, no mapfile, no ${name,,} and no |& pipe."""
    text = (ROOT / ".ci/setup").read_text()
    assert not re.search(r"declare -A|local -A|mapfile|readarray|\$\{\w+(,,|\^\^)|\|&|&>>", text)


@pytest.mark.parametrize("words", [["everything"], ["run", "test"], ["system"], ["system", "all"]])
def test_setup_refuses_an_unknown_mode_with_one_line(words: list[str]) -> None:
    refused = run(".ci/setup", *words)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert re.fullmatch(r"setup: unknown mode '.*': use run, test, .*\n", refused.stderr)


def test_setup_without_a_mode_shows_its_usage() -> None:
    refused = run(".ci/setup")
    assert refused.returncode == 2
    assert refused.stderr.startswith("usage: .ci/setup run")


def test_setup_says_what_to_install_where_it_may_not(tmp_path: Path) -> None:
    """No root and no sudo, and ffmpeg missing: one line that can be pasted, and nothing else happens."""
    answers = {"id": "echo 1000", "apt-get": "echo called >&2; exit 1"}
    for name, script in answers.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "tr", "grep", "cat"):
        found = run("bash", "-c", f"command -v {name}").stdout.strip()
        (tmp_path / name).symlink_to(found)
    told = run("env", f"PATH={tmp_path}", "OSTYPE=linux-gnu", "bash", ".ci/setup", "run")
    assert told.returncode == 1
    assert told.stdout == ""
    assert re.fullmatch(r"setup: no root here .*'sudo apt-get install -y .*ffmpeg.*', then this again\n", told.stderr)


def test_pins_are_exact_and_cover_what_is_declared() -> None:
    import tomllib

    lines = [line for line in (ROOT / ".ci/constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+-]+", line) for line in lines)
    pinned = {normal(line.partition("==")[0]) for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert {normal(re.split(r"[\[<>=! ]", entry)[0]) for entry in declared} <= pinned


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_file_names_a_package_registry() -> None:
    named = []
    for path in tracked():
        content = path.read_bytes()
        named += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRIES if host.encode() in content]
    assert not named
