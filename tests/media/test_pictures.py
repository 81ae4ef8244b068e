"""Stills: which frame is shown, and in which sizes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from testimonials.errors import MediaError
from tests import clips, faces
from workers.media.pictures import rank, suggest, write_sizes

pytestmark = pytest.mark.media


def saved(picture: Image.Image, path: Path) -> Path:
    picture.save(path, "JPEG", quality=92)
    return path


@pytest.fixture
def good(tmp_path: Path) -> Image.Image:
    """A sharp picture without a face."""
    path = tmp_path / "good.png"
    subprocess.run(["ffmpeg", "-v", "error", *clips.picture("1280x720", 1), "-frames:v", "1", str(path)], check=True)
    return Image.open(path).convert("RGB")


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 120) for _ in range(3)])


def test_black_and_blurred_frames_come_last(tmp_path: Path, good: Image.Image) -> None:
    black = saved(Image.new("RGB", good.size), tmp_path / "1.jpg")
    white = saved(Image.new("RGB", good.size, "white"), tmp_path / "2.jpg")
    blurred = saved(good.filter(ImageFilter.GaussianBlur(4)), tmp_path / "3.jpg")
    faded = saved(good.point([level // 8 for level in range(256)] * 3), tmp_path / "4.jpg")
    sharp = saved(good, tmp_path / "5.jpg")
    ranked = rank([black, white, blurred, faded, sharp])
    assert [each.path for each in ranked[:2]] == [sharp, blurred]
    assert {each.path for each in ranked if each.score < 0} == {black, white, faded}
    assert ranked[0].sharpness > 4 * ranked[1].sharpness
    assert suggest(ranked)[0].path == sharp
    assert not {black, white, faded} & {each.path for each in suggest(ranked)}


def test_fades_alone_still_give_a_poster(tmp_path: Path) -> None:
    black = saved(Image.new("RGB", (640, 360)), tmp_path / "1.jpg")
    assert [each.path for each in suggest(rank([black, black]))] == [black]


def test_a_face_beats_a_sharper_frame_without_one(tmp_path: Path) -> None:
    """In the selfie the first three of eight frames show a person, the others a title, which is sharper."""
    paths = faces.frames(faces.selfie_mov(), tmp_path)
    ranked = rank(paths)
    assert {each.path for each in ranked[:3]} == set(paths[:3])
    assert [each.face is not None for each in ranked] == [True] * 3 + [False] * 5
    assert ranked[0].sharpness < 0.8 * ranked[3].sharpness
    # What has no face is ranked by the rest: the half-faded title is last.
    assert ranked[3].sharpness > 5 * ranked[-1].sharpness


def test_a_soft_and_pale_face_still_beats_a_test_chart(tmp_path: Path, good: Image.Image) -> None:
    """Neither sharpness nor contrast speaks for the face here; only that it is one."""
    with Image.open(faces.frames(faces.single_face(), tmp_path, 2)[0]) as person:
        pale = person.filter(ImageFilter.GaussianBlur(1)).point([70 + level // 3 for level in range(256)] * 3)
    chart, face = saved(good, tmp_path / "1.jpg"), saved(pale, tmp_path / "2.jpg")
    assert [each.path for each in rank([chart, face])] == [face, chart]


def test_open_eyes_beat_sharper_closed_ones(tmp_path: Path) -> None:
    paths = faces.frames(faces.closing_eyes(), tmp_path)
    with Image.open(paths[4]) as picture:
        softer = saved(picture.filter(ImageFilter.GaussianBlur(1.2)), tmp_path / "open.jpg")
    ranked = rank([paths[0], softer])
    assert [each.path for each in ranked] == [softer, paths[0]]
    assert ranked[0].sharpness < ranked[1].sharpness


def test_open_eyes_come_before_closed_ones(tmp_path: Path) -> None:
    paths = faces.frames(faces.closing_eyes(), tmp_path)
    ranked = [each.path for each in rank(paths)]
    assert set(ranked[:5]) == set(paths[2:7])
    assert set(ranked[5:]) == {paths[0], paths[1], paths[7]}


def test_the_face_is_where_it_is(tmp_path: Path) -> None:
    path = faces.frames(faces.single_face(), tmp_path, 2)[0]
    face = rank([path])[0].face
    assert face is not None
    assert (face.x, face.y, face.size) == pytest.approx((0.455, 0.51, 0.54), abs=0.04)
    with Image.open(path) as picture:
        wide = Image.new("RGB", (1280, 720), (90, 110, 130))
        wide.paste(picture, (640, 360))
    moved = rank([saved(wide, tmp_path / "moved.jpg")])[0].face
    assert moved is not None
    assert (moved.x, moved.y) == pytest.approx((0.5 + face.x / 2, 0.5 + face.y / 2), abs=0.03)
    assert moved.size == pytest.approx(face.size / 2, abs=0.04)


def test_the_face_is_found_in_an_upright_picture(tmp_path: Path) -> None:
    with Image.open(faces.frames(faces.single_face(), tmp_path, 2)[0]) as picture:
        upright = picture.crop((190, 0, 392, 360)).resize((720, 1280))
    face = rank([saved(upright, tmp_path / "upright.jpg")])[0].face
    assert face is not None
    assert (face.x, face.y) == pytest.approx((0.5, 0.51), abs=0.06)


def test_suggestions_differ(tmp_path: Path) -> None:
    paths = faces.frames(faces.talking_man(), tmp_path)
    twins = [path.with_name(f"twin-{path.name}") for path in paths]
    for path, twin in zip(paths, twins, strict=True):
        twin.write_bytes(path.read_bytes())
    ranked = rank([*paths, *twins])
    suggested = suggest(ranked)
    assert suggested[0] == ranked[0]
    assert 2 <= len(suggested) <= 6
    assert len({each.look for each in suggested}) == len(suggested)
    assert [ranked.index(each) for each in suggested] == sorted(ranked.index(each) for each in suggested)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 no picture", b"GIF89a" + bytes(40)])
def test_what_is_no_jpeg_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1.jpg"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        rank([path])
    with pytest.raises(MediaError):
        write_sizes(path, tmp_path, stem="poster")


def test_other_formats_are_not_even_tried(tmp_path: Path, good: Image.Image) -> None:
    good.save(tmp_path / "1.jpg", "PNG")
    with pytest.raises(MediaError):
        rank([tmp_path / "1.jpg"])


def test_a_cut_off_frame_is_refused(tmp_path: Path, good: Image.Image) -> None:
    path = saved(good, tmp_path / "1.jpg")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(MediaError):
        rank([path])


@pytest.mark.parametrize("size", [(65000, 20), (5000, 5000)])
def test_a_gigantic_frame_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(Image.new("RGB", size), tmp_path / "1.jpg")
    with pytest.raises(MediaError):
        rank([path])


def test_no_frame_at_all() -> None:
    with pytest.raises(MediaError):
        rank([])


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((1920, 1080), [320, 640, 1280]),
        ((1280, 720), [320, 640, 1280]),
        ((854, 480), [320, 640, 854]),
        ((720, 1280), [320, 640, 720]),
        ((640, 640), [320, 640]),
        ((300, 200), [300]),
    ],
)
def test_sizes_never_enlarge(tmp_path: Path, size: tuple[int, int], widths: list[int]) -> None:
    source = saved(noise(size).filter(ImageFilter.GaussianBlur(3)), tmp_path / "source.jpg")
    made = write_sizes(source, tmp_path, stem="poster")
    for kind in ("jpeg", "webp"):
        assert [each.width for each in made if each.content_type == f"image/{kind}"] == widths
    assert len({each.path for each in made}) == len(made) == 2 * len(widths)
    for each in made:
        with Image.open(each.path) as picture:
            picture.load()
            assert picture.size == (each.width, each.height)
            assert each.height == round(size[1] * each.width / size[0])
            assert Image.MIME[picture.format or ""] == each.content_type
            assert each.path.suffix == f".{each.content_type.removeprefix('image/').replace('jpeg', 'jpg')}"
            assert each.content_type != "image/jpeg" or "progressive" in picture.info


def test_sizes_carry_nothing_but_the_picture(tmp_path: Path, good: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"  # ImageDescription
    exif[0x0112] = 3  # Orientation: upside down
    source = tmp_path / "source.jpg"
    good.save(source, "JPEG", exif=exif, comment=b"a secret comment", icc_profile=b"a secret profile" * 20)
    assert source.read_bytes().count(b"secret") == 22
    for each in write_sizes(source, tmp_path, stem="poster"):
        content = each.path.read_bytes()
        assert b"secret" not in content
        assert (segments if each.content_type == "image/jpeg" else riff_chunks)(content) == []
        with Image.open(each.path) as picture:
            turned = good.rotate(180).resize(picture.size)
            assert (
                difference(picture.convert("RGB"), turned)
                < 8
                < difference(picture.convert("RGB"), ImageOps.flip(turned))
            )


def segments(jpeg: bytes) -> list[int]:
    """The markers of application data (JFIF aside) and comments."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        marker = jpeg[at + 1]
        if 0xE1 <= marker <= 0xEF or marker == 0xFE:
            found.append(marker)
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def riff_chunks(webp: bytes) -> list[bytes]:
    """The chunks besides the picture itself."""
    found, at = [], 12
    while at < len(webp):
        length = int.from_bytes(webp[at + 4 : at + 8], "little")
        found.append(webp[at : at + 4])
        at += 8 + length + length % 2
    return [each for each in found if each != b"VP8 "]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of two pictures, of 255."""
    return ImageStat.Stat(ImageChops.difference(one, other).convert("L")).mean[0]
