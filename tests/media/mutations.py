"""Real clips with faults put in by a fixed seed, and the whole corpus."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.media.containers import BOXES_WITH_BOXES, bases
from tests.media.hostile import Hostile, Targets, handmade

SEED = 20260
# Names beside which sizes, counts and clocks lie: where a wrong number hurts most.
LANDMARKS = (
    *BOXES_WITH_BOXES,
    *(b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"stss", b"elst"),
    *(b"avcC", b"hvcC", b"av1C", b"esds", b"trun", b"tfhd", b"tfdt", b"mfhd", b"trex", b"mdat", b"avc1", b"mp4a"),
    *(b"\x1f\x43\xb6\x75", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1c\x53\xbb\x6b", b"\x18\x53\x80\x67"),
    *(b"\x2a\xd7\xb1", b"\x44\x89", b"\x63\xa2", b"\x23\xe3\x83", b"\xae", b"\xa3", b"\xe7", b"\xb0", b"\xba", b"\xb5"),
)


def corpus(targets: Targets, count: int) -> list[Hostile]:
    """Everything made by hand, and mutations up to `count`; evenly thinned out where `count` is smaller than that."""
    made = list(handmade(targets))
    made += fuzzed(max(0, count - len(made)))
    return [made[number * len(made) // count] for number in range(count)]


def fuzzed(count: int) -> Iterator[Hostile]:
    """Real clips with one to four faults, by a fixed seed. Most keep their first bytes, or they would end at the door."""
    dice, found = random.Random(SEED), bases()
    for at in range(count):
        name = list(found)[at % len(found)]
        body = bytearray(found[name])
        faults = [dice.choice(FAULTS) for _ in range(dice.randint(1, 4))]
        for fault in faults:
            fault(dice, body, found[dice.choice(list(found))])
        if dice.random() < 0.95:
            body[:12] = found[name][:12]
        yield Hostile(f"fuzz/{name}-{at}-{'-'.join(fault.__name__.strip('_') for fault in faults)}", bytes(body))


def _place(dice: random.Random, body: bytearray) -> int:
    """Near a box or element as often as not: elsewhere it is only the picture that suffers."""
    at = body.find(dice.choice(LANDMARKS), dice.randrange(len(body) + 1))
    return (
        min(len(body), at + dice.randint(-4, 40)) if at >= 4 and dice.random() < 0.7 else dice.randrange(len(body) + 1)
    )


def _flip(dice: random.Random, body: bytearray, _: bytes) -> None:
    for _ in range(dice.choice((1, 4, 32)) if body else 0):
        body[_place(dice, body) - 1] ^= 1 << dice.randrange(8)


def _set(dice: random.Random, body: bytearray, _: bytes) -> None:
    at, length = _place(dice, body), dice.choice((1, 2, 4, 8))
    top = 256**length
    body[at : at + length] = dice.choice((0, 1, top - 1, top // 2 - 1, top // 2, dice.randrange(top))).to_bytes(
        length, "big"
    )


def _cut(dice: random.Random, body: bytearray, _: bytes) -> None:
    at = _place(dice, body)
    del body[at : at + dice.choice((1, 8, 100, 2000))]


def _copy(dice: random.Random, body: bytearray, _: bytes) -> None:
    at, length = _place(dice, body), dice.choice((4, 30, 400, 5000))
    body[at:at] = body[at : at + length] * dice.choice((1, 1, 50))


def _swap(dice: random.Random, body: bytearray, _: bytes) -> None:
    one, other, length = _place(dice, body), _place(dice, body), dice.choice((4, 64, 1000))
    low, high = sorted((one, other))
    length = min(length, high - low, len(body) - high)
    body[low : low + length], body[high : high + length] = body[high : high + length], body[low : low + length]


def _end(dice: random.Random, body: bytearray, _: bytes) -> None:
    del body[_place(dice, body) :]


def _splice(dice: random.Random, body: bytearray, other: bytes) -> None:
    at = dice.randrange(len(other))
    body[_place(dice, body) :] = other[at:]


FAULTS = (_flip, _flip, _set, _set, _set, _cut, _copy, _swap, _end, _splice)
