"""Style sheets, scripts and icons of the pages: packed with brotli, and kept by browsers for as long as they stay the same.

Their address holds a hash of all of them, `/static/v-3f2a…/recorder/recorder.js`. Modules that import each other by
relative paths therefore always come from one version, also while a new one is being rolled out.

Comments and indentation stay at home; lines keep their numbers. That is no minifier: it knows our style (no template
literal goes over several lines), and a test lets esbuild prove for every file that it still says the same.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Response

from testimonials.errors import NotFound
from testimonials.http import cached

FOLDER = Path(__file__).with_name("static")
YEAR_SECONDS = 365 * 86400
LOOK_SECONDS = 1.0
_TEXTS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_VERSION_LENGTH = 12
_COMMENTS = {
    ".css": (re.compile(r"[ \t]*/\*.*?\*/", re.DOTALL),),
    ".js": (
        re.compile(r"^[ \t]*/\*.*?\*/", re.DOTALL | re.MULTILINE),
        re.compile(r"/\*\* @[^'\"`*]*\*/ ?"),
        re.compile(r"^[ \t]*//.*$", re.MULTILINE),
        re.compile(r"[ \t]+// [^'\"`]*?$", re.MULTILINE),  # with a quote in it, it might be part of a string
    ),
}
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class StaticFile:
    """One file in memory. It is packed when it is asked for the first time."""

    def __init__(self, path: Path) -> None:
        self.body = _lean(path.read_text(), path.suffix).encode() if path.suffix in _COMMENTS else path.read_bytes()
        self._text = path.suffix in _TEXTS
        self.content_type = _TEXTS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"

    @cached_property
    def packed(self) -> bytes | None:
        packed: bytes = brotli.compress(self.body, quality=11) if self._text else self.body
        return packed if len(packed) < len(self.body) else None


class StaticFiles:
    """A folder of files. Whoever edits one sees it at the next page, without starting anything anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._looked = -LOOK_SECONDS
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._files: dict[str, StaticFile] = {}
        self._version = ""

    @property
    def version(self) -> str:
        """Of the contents of all files, so that every web process comes to the same one."""
        self._look()
        return self._version

    def find(self, name: str) -> StaticFile:
        """Raises NotFound for a name that is not one of a file in the folder."""
        self._look()
        found = self._files.get(name)
        if found is None:
            raise NotFound
        return found

    def _look(self) -> None:
        with self._lock:
            if time.monotonic() - self._looked < LOOK_SECONDS:
                return
            paths = sorted(path for path in self._folder.rglob("*") if path.is_file())
            stats = [(path, path.stat()) for path in paths]
            seen = tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)
            if seen != self._seen:
                self._files = {path.relative_to(self._folder).as_posix(): StaticFile(path) for path in paths}
                digest = hashlib.sha256()
                for name, file in self._files.items():
                    digest.update(f"{name} {len(file.body)} ".encode() + file.body)
                self._version = digest.hexdigest()[:_VERSION_LENGTH]
                self._seen = seen
            self._looked = time.monotonic()


def _lean(text: str, suffix: str) -> str:
    for comment in _COMMENTS[suffix]:
        text = comment.sub(lambda found: "\n" * found.group().count("\n"), text)
    return _INDENTATION.sub("", text)


def install(app: Flask) -> None:
    """`url_for("static", filename=…)` as everywhere in Flask; `app` must have been made without a static folder."""
    files = StaticFiles(FOLDER)

    def answer(filename: str, version: str = "") -> Response:
        file = files.find(filename)
        response = cached(file.body, file.content_type, seconds=YEAR_SECONDS, brotli=file.packed)
        if version == files.version:
            response.headers["Cache-Control"] += ", immutable"
        else:  # of another version than ours, or without one: fine for now, to be asked for again next time
            response.headers["Cache-Control"] = "no-cache"
        return response

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", files.version)

    app.add_url_rule(f"/static/v-<string(length={_VERSION_LENGTH}):version>/<path:filename>", "static", answer)
    app.add_url_rule("/static/<path:filename>", "static", answer)
    app.url_default_functions.setdefault(None, []).append(add_version)
