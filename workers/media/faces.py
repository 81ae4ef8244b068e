"""Faces in a still: where the largest one is, and whether its eyes were found. OpenCV's cascades, on small gray pictures.

OpenCV's classifiers keep state between calls, so every thread of a worker has its own.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from cv2.data import haarcascades

Gray = npt.NDArray[np.uint8]

_EYES = (112, 56)  # the upper half of a face is brought to this size, in which an eye is 20 to 40 pixels wide

cv2.setNumThreads(1)  # a worker has its share of the cores; threads would take more than that


@dataclass(frozen=True)
class Face:
    """The largest face: its center in parts of the picture's width and height, its size in parts of the shorter side."""

    x: float
    y: float
    size: float


def largest_face(gray: Gray) -> Face | None:
    """The largest frontal face in a gray picture of about 320 pixels, or None. About 12 ms of CPU."""
    height, width = gray.shape
    least = max(20, min(height, width) // 7)  # smaller ones are passers-by, and patterns in the wallpaper
    found = _cascade("frontalface_alt2").detectMultiScale(gray, 1.15, 4, minSize=(least, least))
    x, y, side, _ = max(found, key=lambda box: int(box[2]), default=(0, 0, 0, 0))
    if not side:
        return None
    return Face(float(x + side / 2) / width, float(y + side / 2) / height, float(side) / min(width, height))


def open_eyes(gray: Gray, face: Face) -> int:
    """How many open eyes (0 to 2, rarely a stray third) the upper half of a face shows. About 6 ms of CPU.

    This cascade missed the closed eyes of `tests.faces.closing_eyes` and found all open ones of four clips. That is no
    proof for anybody else's eyes. `gray` is the picture in which the face was found, or a larger copy of it.
    """
    height, width = gray.shape
    side = face.size * min(height, width)
    left, top = face.x * width - side / 2, face.y * height - side / 2
    part = gray[round(top + 0.15 * side) : round(top + 0.65 * side), round(left) : round(left + side)]
    scaled = cv2.resize(part, _EYES, interpolation=cv2.INTER_AREA)
    return len(_cascade("eye_tree_eyeglasses").detectMultiScale(scaled, 1.1, 4, minSize=(20, 20), maxSize=(40, 40)))


_own = threading.local()


def _cascade(name: str) -> cv2.CascadeClassifier:
    if not hasattr(_own, name):
        setattr(_own, name, cv2.CascadeClassifier(f"{haarcascades}haarcascade_{name}.xml"))
    found: cv2.CascadeClassifier = getattr(_own, name)
    return found
