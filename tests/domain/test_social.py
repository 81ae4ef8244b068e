"""Options of social clips, and which part of a picture they show."""

from __future__ import annotations

import itertools

import pytest

from testimonials.domain.social import FORMATS, Rectangle, SocialClip, crop, fit, fits_on_background, parse
from testimonials.errors import Invalid


def test_options_are_read_and_defaults_kept() -> None:
    assert parse({}) == SocialClip("9x16", True, False, False, 0.5, 0.4)
    raw = {"format": "1x1", "captions": False, "intro": True, "outro": True, "focus_x": 0, "focus_y": 1.0}
    assert parse(raw) == SocialClip("1x1", False, True, True, 0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("format", "4x5"), ("format", ["1x1"]), ("captions", 1), ("intro", "yes"), ("focus_x", 1.01)],
        *[("focus_x", -0.1), ("focus_y", float("nan")), ("focus_y", True), ("focus_y", "0.5"), ("focus_x", None)],
        *[("filter", "movie=/x")],
    ],
)
def test_options_that_are_none_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        parse({"outro": True, name: value})
    assert (refused.value.code, list(refused.value.fields)) == ("bad_social", [name])


def test_a_crop_is_even_inside_and_as_near_to_the_focus_as_it_goes() -> None:
    sizes = [(854, 480), (1920, 1080), (1080, 1920), (607, 1080), (641, 361), (480, 480), (1280, 544)]
    shares = (0.0, 0.13, 0.5, 0.87, 1.0)
    for (w, h), shape, x, y in itertools.product(sizes, FORMATS.values(), shares, shares):
        part = crop(w, h, shape, (x, y))
        assert not any(side % 2 for side in (part.x, part.y, part.width, part.height))
        assert part.x >= 0 <= part.y and part.right <= w and part.bottom <= h
        assert part.width / part.height == pytest.approx(shape.width / shape.height, rel=0.02)
        # Either the focus is in the middle, or the part touches the border that it is nearer to.
        assert abs(part.x + part.width / 2 - x * w) <= 2 or part.x in (0, (w - part.width) // 2 * 2)
    assert crop(1920, 1080, FORMATS["9x16"], (0.5, 0.5)) == Rectangle(656, 0, 606, 1080)


def test_only_an_upright_picture_in_a_lying_frame_is_fitted() -> None:
    assert fits_on_background(1080, 1920, FORMATS["16x9"])
    others = [(1920, 1080, "9x16"), (1080, 1920, "1x1"), (1080, 1080, "16x9"), (1080, 1920, "9x16")]
    assert not any(fits_on_background(w, h, FORMATS[name]) for w, h, name in others)


def test_a_fitted_picture_is_whole_in_the_middle_and_touches_two_sides() -> None:
    assert fit(1080, 1920, FORMATS["16x9"]) == Rectangle(656, 0, 606, 1080)
    assert fit(360, 640, FORMATS["16x9"]) == Rectangle(656, 0, 606, 1080)
    assert fit(480, 482, FORMATS["16x9"]) == Rectangle(422, 0, 1074, 1080)
