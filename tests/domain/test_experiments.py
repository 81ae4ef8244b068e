"""The statistics of experiments: known numbers, alarms as often as promised, differences found, and honest words."""

from __future__ import annotations

import random

import pytest

from testimonials.domain.experiments import (
    Arm,
    arm_of,
    compare,
    early_words,
    needed,
    planned,
    points,
    rounded,
    still_needed,
    verdict,
    waiting_words,
    wilson,
)
from testimonials.errors import Invalid

SEED = 20261125
TRIES = 2000


def test_the_intervals_are_those_of_the_papers() -> None:
    """Newcombe 1998, Table II, comparison (a): 56/70 against 48/80, method 10."""
    found = compare(Arm(80, 48), Arm(70, 56))
    assert found.value == pytest.approx(0.2, abs=1e-9)
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert wilson(Arm(263, 81)) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # his Table I of the companion paper
    other = compare(Arm(10, 0), Arm(10, 0))
    assert (other.lower, other.upper) == pytest.approx((-0.2775, 0.2775), abs=5e-5)


def test_how_many_are_needed_is_known_from_tables() -> None:
    """Fleiss, Levin and Paik: 5 % to 10 % with 5 % alarm and 80 % power needs 435 an arm without continuity correction."""
    assert needed(0.05, 0.05) == 435
    assert planned(5, 5) == 435
    assert planned(3, 1) > planned(3, 2) > planned(3, 5)


@pytest.mark.parametrize(("percent", "smallest"), [(0, 1), (-3, 1), (95, 1), (3, 0), (3, 60), (float("nan"), 1)])
def test_numbers_that_make_no_sense_are_refused(percent: float, smallest: float) -> None:
    with pytest.raises(Invalid):
        planned(percent, smallest)


def _experiments(rate_a: float, rate_b: float, each: int, *, looks: int = 1) -> float:
    """How often a difference is told: at the end, or at the first of several looks that shows one."""
    chance = random.Random(SEED)
    told = 0
    for _ in range(TRIES):
        a = b = 0
        for look in range(1, looks + 1):
            step = each // looks
            a += sum(chance.random() < rate_a for _ in range(step))
            b += sum(chance.random() < rate_b for _ in range(step))
            if compare(Arm(step * look, a), Arm(step * look, b)).told:
                told += 1
                break
    return told / TRIES


def test_two_equal_arms_alarm_one_time_in_twenty() -> None:
    assert 0.035 <= _experiments(0.1, 0.1, 500) <= 0.065


def test_a_true_difference_is_found_as_often_as_promised() -> None:
    assert 0.76 <= _experiments(0.1, 0.15, needed(0.1, 0.05)) <= 0.86


def test_looking_every_day_would_alarm_far_more_often() -> None:
    """Why nothing is told before the number is reached."""
    assert _experiments(0.1, 0.1, 500, looks=20) > 0.15


def test_visitors_are_split_in_halves_and_stay() -> None:
    arms = [arm_of("e1", str(number)) for number in range(4000)]
    assert 1900 < arms.count("a") < 2100
    assert arms == [arm_of("e1", str(number)) for number in range(4000)]
    other = [arm_of("e2", str(number)) for number in range(4000)]
    assert 1800 < sum(one == two for one, two in zip(arms, other, strict=True)) < 2200, "one tells nothing of the other"


def test_it_is_said_in_words() -> None:
    a, b = Arm(200, 6), Arm(210, 12)
    assert still_needed(a, b, 400) == 390
    assert waiting_words(a, b, 400) == "Too early to say: about 390 more visitors are needed."
    assert "until midnight" in waiting_words(a, b, 200)
    told = verdict(Arm(4000, 120), Arm(4000, 220), name_a="Without", name_b="The wall", smallest_points=1)
    assert told == "The wall brings 1.6 to 3.4 percentage points more."
    turned = verdict(Arm(4000, 220), Arm(4000, 120), name_a="Wall A", name_b="Wall B", smallest_points=1)
    assert turned == "Wall A brings 1.6 to 3.4 percentage points more."
    nothing = verdict(Arm(400, 40), Arm(400, 42), name_a="A", name_b="B", smallest_points=2)
    assert nothing.startswith("No difference was found; one of up to 4.8 percentage points is still possible.")
    assert "about 4,000 visitors an arm would have been needed" in nothing
    assert "That is no answer" in early_words(a, b, 400)
    assert (points(-0.0123), points(0.00001), rounded(12345), rounded(7)) == ("−1.2", "0", 13000, 7)  # noqa: RUF001
