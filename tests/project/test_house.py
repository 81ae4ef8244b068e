"""The house keeps its shape: who imports whom, how large things are, and that the papers tell the truth."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from testimonials import jobs
from testimonials.domain.failures import FAILURES
from testimonials.settings import FIELDS, NAMES, Settings
from tests.project.tracked import ROOT, tracked

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 50
# Each with its reason. Keep it short.
LARGER_FILES = {
    "testimonials/static/icons.svg": "a sprite: one symbol a line, made from a package",
    "widgets/static/v1/v1.js": "built from widgets/src",
}
LARGER_FUNCTIONS: dict[str, str] = {}


def test_everything_imports_downwards_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("suffix", [".py", ".js", ".css", ".html"])
def test_no_file_outgrows_a_readers_patience(suffix: str) -> None:
    found = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked()
        if path.suffix == suffix and "migrations/versions" not in str(path)
    }
    assert found
    assert {name: lines for name, lines in found.items() if lines > MAX_FILE_LINES and name not in LARGER_FILES} == {}


def test_no_function_outgrows_a_readers_patience() -> None:
    long = {}
    for path in tracked():
        if path.suffix != ".py" or "migrations/versions" in str(path):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                name = f"{path.relative_to(ROOT)}:{node.name}"
                if lines > MAX_FUNCTION_LINES and name not in LARGER_FUNCTIONS:
                    long[name] = lines
    assert long == {}


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    empty_words = re.compile(r"\b(utils?|helpers?|manager|misc|common)\b")
    named = [str(path.relative_to(ROOT)) for path in tracked() if path.suffix in {".py", ".js"}]
    assert [name for name in named if empty_words.search(name.replace("/", " ").replace("_", " "))] == []


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    rows = re.findall(r"^\| `(TESTIMONIALS_[A-Z0-9_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


def test_documented_defaults_are_the_real_ones() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    for name in FIELDS:
        default = Settings.__dataclass_fields__[name].default
        if isinstance(default, int | str):
            row = re.search(rf"^\| `TESTIMONIALS_{name.upper()}` \| `?([^|`]*)`? \|", text, re.MULTILINE)
            assert row, name
            assert row.group(1).strip() == ("no" if default is False else str(default)), name


def test_the_jobs_that_are_sent_are_the_tasks_that_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from testimonials.settings import load
    from workers.app import build

    app = build(load({}, data_dir=tmp_path), "media", 1)
    assert {name for name in app.tasks if not name.startswith("celery.")} == set(jobs.KINDS)


def test_every_failure_that_the_code_names_has_its_sentences() -> None:
    named = set()
    for path in tracked():
        if path.suffix == ".py" and path.is_relative_to(ROOT / "workers"):
            named |= set(re.findall(r'MediaError\(\s*"(\w+)"', path.read_text()))
            named |= set(re.findall(r'failure="(\w+)"', path.read_text()))
    assert len(named) > 8
    assert named <= set(FAILURES)


def test_links_between_our_papers_lead_somewhere() -> None:
    for path in tracked():
        if path.suffix == ".md":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} → {target}"


def test_decisions_are_short_and_numbered() -> None:
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [record.name[:4] for record in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    assert all(len(record.read_text().splitlines()) <= 20 for record in records)
