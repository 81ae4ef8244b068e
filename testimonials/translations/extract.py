"""Collects every sentence that customers may see into a template, and brings the catalogs up to date with it.

`python extract.py FILE` writes the template; without FILE, the catalogs are updated. `make words` calls it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
# Named here, as Babel's own list would also take every call of `_` that means something else.
SPOKEN = ("_", "gettext", "lazy", "t", "Failure:1")
PYBABEL = Path(sys.executable).with_name("pybabel")


def extract(target: Path) -> None:
    """The template: messages in the order of the files, each with the files that say it."""
    spoken = [word for keyword in SPOKEN for word in ("-k", keyword)]
    shape = ["--no-default-keywords", "--no-wrap", "--sort-by-file", "--add-location=file", "--omit-header"]
    options = ["-F", str(FOLDER / "babel.cfg"), *spoken, *shape, "-o", str(target.resolve()), "."]
    subprocess.run([str(PYBABEL), "-q", "extract", *options], check=True, cwd=FOLDER.parent)


def update(template: Path) -> None:
    """Add what is new and drop what is said no more. What changed has to be translated again: guesses would be shipped."""
    for catalog in sorted(FOLDER.glob("*.po")):
        options = ["--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap", "--omit-header", "-N"]
        command = [str(PYBABEL), "-q", "update", "-i", str(template), "-o", str(catalog), "-l", catalog.stem, *options]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        extract(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = Path(folder) / "words.pot"
            extract(found)
            update(found)
