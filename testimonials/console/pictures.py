"""Shapes of the report's pictures: numbers in, paths and places out. Templates draw them as SVG, in the units given here."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from testimonials.domain.waiting import Wait
from testimonials.services.ledger import Branch

FUNNEL = (1000, 180)
WIDE, NARROW = 640, 340
_LEFT, _TOP, _BOTTOM = 40.0, 30.0, 208.0
TREE_WIDTH = 1080
MOST_IN_TREE, MOST_IN_LIST = 24, 200
HOURS_IN_HOURS = 72
"""Longer waits are drawn in days."""
WATCHED = (("Play", "start"), ("25 %", "middle"), ("50 %", "middle"), ("75 %", "middle"), ("All of it", "end"))
_COLUMNS = (290, 560, 830)
_ROW = 46


@dataclass(frozen=True)
class Trend:
    """A line of days with the days before it. `grid` are heights with their labels, `ticks` places with theirs."""

    width: int
    line: str
    area: str
    before: str
    grid: list[tuple[float, str]]
    ticks: list[tuple[float, str, str]]
    peak: tuple[float, float, int, date, str] | None


@dataclass
class Node:
    """One share in the picture."""

    branch: Branch
    depth: int
    children: list[Node] = field(default_factory=list)
    x: float = 0
    y: float = 0

    @property
    def radius(self) -> float:
        return min(14.0, 4.5 + math.sqrt(self.branch.reach))


@dataclass(frozen=True)
class Tree:
    """`edges` are a path and its width each; `left_out` is how many shares are not in the picture."""

    nodes: list[Node]
    edges: list[tuple[str, float]]
    height: float
    middle: float
    left_out: int


def funnel(values: list[int]) -> list[str]:
    """A band for each step, as high as its number against the largest, narrowing into the next."""
    width, height = FUNNEL[0] / max(1, len(values)), FUNNEL[1]
    most = max([*values, 1])
    halves = [max(height / 2 * value / most, 1.5) for value in values]
    paths = []
    for place, half in enumerate(halves):
        x, after = place * width, halves[min(place + 1, len(halves) - 1)]
        flat, bend, end, middle = x + width * 0.62, x + width * 0.82, x + width, height / 2
        paths.append(
            f"M{x:.0f} {middle - half:.1f}H{flat:.0f}C{bend:.0f} {middle - half:.1f} {bend:.0f} {middle - after:.1f}"
            f" {end:.0f} {middle - after:.1f}V{middle + after:.1f}C{bend:.0f} {middle + after:.1f} {bend:.0f}"
            f" {middle + half:.1f} {flat:.0f} {middle + half:.1f}H{x:.0f}Z"
        )
    return paths


def trend(days: list[date], values: list[int], before: list[int], width: int = WIDE) -> Trend:
    """The values of the days, and of as many days before."""
    right = width - 8.0
    step, top = _scale(max([*values, *before, 1]))
    span = max(1, len(days) - 1)

    def at(place: int, value: int) -> tuple[float, float]:
        return _LEFT + (right - _LEFT) * place / span, _BOTTOM - (_BOTTOM - _TOP) * value / top

    line = "M" + "L".join("{:.1f} {:.1f}".format(*at(place, value)) for place, value in enumerate(values))
    ghost = "M" + "L".join("{:.1f} {:.1f}".format(*at(place, value)) for place, value in enumerate(before))
    parts = 3 if width == WIDE else 2
    places = sorted({len(days) * part // parts for part in range(parts)} | {len(days) - 1})
    ticks = [(at(place, 0)[0], _named(days[place]), _anchor(place, len(days))) for place in places]
    highest = max(range(len(values)), key=values.__getitem__)
    x, y = at(highest, values[highest])
    peak = (x, y, values[highest], days[highest], _anchor(highest, len(days))) if values[highest] else None
    grid = [(at(0, level)[1], f"{level:,}") for level in range(0, top + 1, step)]
    return Trend(
        width, line, f"{line}L{at(len(values) - 1, 0)[0]:.1f} {_BOTTOM}L{_LEFT} {_BOTTOM}Z", ghost, grid, ticks, peak
    )


@dataclass(frozen=True)
class Curve:
    """How far a video was watched. `points` are places with their part in percent, a name, and where the name is anchored; paths
    are empty where nobody played."""

    width: int
    line: str
    area: str
    before: str
    grid: list[tuple[float, str]]
    points: list[tuple[float, float, int, str, str]]


@dataclass(frozen=True)
class Weeks:
    """Two columns a week over one scale, each as x, width, top and height; `ticks` are places with their words."""

    width: int
    medians: list[tuple[float, float, float, float]]
    most: list[tuple[float, float, float, float]]
    grid: list[tuple[float, str]]
    ticks: list[tuple[float, str]]


def curve(values: list[int], before: list[int], width: int = WIDE) -> Curve:
    """Of those who pressed play (the first value), how many watched a quarter, a half, three quarters, all of it."""
    right = width - 24.0

    def places(numbers: list[int]) -> list[tuple[float, float]]:
        parts = [min(1.0, number / max(numbers[0], 1)) for number in numbers]
        step = (right - _LEFT) / (len(numbers) - 1)
        return [(_LEFT + step * at, _BOTTOM - (_BOTTOM - _TOP) * part) for at, part in enumerate(parts)]

    def path(numbers: list[int]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places(numbers)) if numbers[0] else ""

    points = [
        (x, y, round(100 * min(1.0, value / max(values[0], 1))), name, anchor)
        for (x, y), value, (name, anchor) in zip(places(values), values, WATCHED, strict=True)
    ]
    line = path(values)
    grid = [(_BOTTOM - (_BOTTOM - _TOP) * part / 4, f"{part * 25} %") for part in range(5)]
    area = f"{line}L{right:.1f} {_BOTTOM}L{_LEFT} {_BOTTOM}Z" if line else ""
    return Curve(width, line, area, path(before), grid, points)


def weeks(waits: list[Wait], width: int = WIDE) -> Weeks:
    """How long approvals took: the median of each week, and what nine of ten took no longer than."""
    hours = [((wait.median_seconds or 0) / 3600, (wait.most_seconds or 0) / 3600) for wait in waits]
    longest = max((most for _, most in hours), default=0)
    unit, sign = (24, "d") if longest > HOURS_IN_HOURS else (1, "h")
    step, top = _scale(max(1, math.ceil(longest / unit)))
    room = (width - 8 - _LEFT) / max(1, len(waits))
    wide = min(28.0, room * 0.36)

    def column(at: int, value: float, shift: float) -> tuple[float, float, float, float]:
        height = max(2.0, (_BOTTOM - _TOP) * value / unit / top) if value else 0.0
        return _LEFT + room * (at + 0.5) + shift, wide, _BOTTOM - height, height

    every = max(1, math.ceil(len(waits) * 56 / width))
    return Weeks(
        width,
        medians=[column(at, median, -wide - 1) for at, (median, _) in enumerate(hours)],
        most=[column(at, value, 1) for at, (_, value) in enumerate(hours)],
        grid=[(_BOTTOM - (_BOTTOM - _TOP) * level / top, f"{level:,} {sign}") for level in range(0, top + 1, step)],
        ticks=[(_LEFT + room * (at + 0.5), _named(each.week)) for at, each in enumerate(waits) if at % every == 0],
    )


def tree(branches: list[Branch]) -> Tree:
    """The shares that brought the most, with those above them, in three columns."""
    roots: list[Node] = []
    nodes: list[Node] = []
    heap: list[tuple[int, int, Branch, Node | None]] = []
    for branch in branches:
        heapq.heappush(heap, (-branch.reach, len(heap), branch, None))
    order = len(heap)
    while heap and len(nodes) < MOST_IN_TREE:
        *_, branch, parent = heapq.heappop(heap)
        node = Node(branch, parent.depth + 1 if parent else 0)
        nodes.append(node)
        (parent.children if parent else roots).append(node)
        if node.depth < len(_COLUMNS) - 1:
            for child in branch.branches:
                order += 1
                heapq.heappush(heap, (-child.reach, order, child, node))
    rows = 0.0
    for root in roots:
        rows = _place(root, rows)
    height = max(rows, 2) * _ROW
    middle = height / 2
    edges = [_edge(120, middle, root) for root in roots]
    edges += [_edge(node.x + 215, node.y, child) for node in nodes for child in node.children]
    return Tree(nodes, edges, height, middle, sum(map(count, branches)) - len(nodes))


def listed(branches: list[Branch]) -> list[tuple[int, Branch]]:
    """The tree as lines with their depth, the most visited first, at most `MOST_IN_LIST`."""
    found: list[tuple[int, Branch]] = []
    rest = [(0, branch) for branch in _by_reach(branches)]
    while rest and len(found) < MOST_IN_LIST:
        depth, branch = rest.pop()
        found.append((depth, branch))
        rest += [(depth + 1, child) for child in _by_reach(branch.branches)]
    return found


def count(branch: Branch) -> int:
    """The shares of a branch, itself among them."""
    number, rest = 0, [branch]
    while rest:
        number += 1
        rest += rest.pop().branches
    return number


def _by_reach(branches: list[Branch]) -> list[Branch]:
    return sorted(branches, key=lambda each: (each.reach, each.created_at))


def _place(node: Node, row: float) -> float:
    """A leaf takes a row, whoever has children stands in their middle. Returns the first row that is free."""
    node.x = _COLUMNS[node.depth]
    if not node.children:
        node.y = (row + 0.5) * _ROW
        return row + 1
    for child in node.children:
        row = _place(child, row)
    node.y = (node.children[0].y + node.children[-1].y) / 2
    return row


def _edge(x: float, y: float, child: Node) -> tuple[str, float]:
    bend = (x + child.x) / 2
    path = f"M{x:.0f} {y:.1f}C{bend:.0f} {y:.1f} {bend:.0f} {child.y:.1f} {child.x:.0f} {child.y:.1f}"
    return path, min(12.0, 1.5 + math.sqrt(child.branch.reach) / 2)


def _scale(most: int) -> tuple[int, int]:
    """A round step of the grid and its end: three or four lines above zero."""
    size = 10 ** max(0, len(str(most)) - 1)
    step = next(s for factor in (0.25, 0.5, 1, 2.5) for s in [max(1, math.ceil(size * factor))] if s * 4 >= most)
    return step, step * math.ceil(most / step)


def _named(day: date) -> str:
    return f"{day:%b} {day.day}"


def _anchor(place: int, length: int) -> str:
    if place == 0:
        return "start"
    return "end" if place >= length - max(1, length // 8) else "middle"


def bar(value: int, most: int) -> dict[str, Any]:
    """How long a bar of 100 is; what is there at all can be seen."""
    return {"width": max(1.5, 100 * value / most) if value else 0}
