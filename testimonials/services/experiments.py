"""Experiments: a widget against none, or one layout against another, split by the hash of the day, without cookies.

A visitor is in the same arm all day and is counted once in it. Who asks not to be recognized, and every program, gets the
widget as it is and is not counted. What can be known of one visitor is deleted with the salt of the day; sums stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from testimonials.db import Transaction, insert_into
from testimonials.domain import experiments as statistics
from testimonials.domain.experiments import ARMS, KINDS, Arm
from testimonials.domain.widget_config import check_layout
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Experiment, ExperimentDay, Exposure, Share, Testimonial, Widget
from testimonials.models.base import now
from testimonials.models.experiment import ExperimentState
from testimonials.runtime import Runtime
from testimonials.services import audit, publishing
from testimonials.services.visitors import Visitor, visitor_hash

MAX_NAME = 120
OPEN = (ExperimentState.RUNNING, ExperimentState.FULL)
"""Visitors of these may still convert today."""


@dataclass(frozen=True)
class Told:
    """What a widget is told to do. `arm` is None for who is not counted."""

    arm: str | None
    layout: str | None
    show: bool


AS_IT_IS = Told(None, None, True)


@dataclass(frozen=True)
class ArmTotals:
    """What an arm has seen. Plays and shares are those of its visitors, once each."""

    visitors: int = 0
    conversions: int = 0
    plays: int = 0
    shares: int = 0

    @property
    def as_arm(self) -> Arm:
        return Arm(self.visitors, self.conversions)


@dataclass(frozen=True)
class Standing:
    """An experiment with its sums by arm. `answered`: it can be read now; before that nobody is told what converts better."""

    experiment: Experiment
    arms: dict[str, ArmTotals]
    answered: bool


def address_for(runtime: Runtime, widget: Widget) -> str | None:
    """Where the widget asks which arm its reader is in, while an experiment with it runs. None: there is none."""
    with runtime.db.read() as session:
        running = session.scalar(select(Experiment.id).where(_running(widget.id)))
    return f"{runtime.settings.base_url}/widget/{widget.token}/arm" if running else None


def create(
    runtime: Runtime,
    workspace_id: str,
    *,
    widget: str,
    name: str,
    kind: str = "presence",
    layout_a: str = "",
    layout_b: str = "",
    expected_percent: float = 3.0,
    smallest_points: float = 1.0,
) -> Experiment:
    """A draft. `widget` is its token. Raises Invalid with all faults by field, NotFound for a widget of others."""
    faults: dict[str, list[str]] = {}
    if not 0 < len(name.strip()) <= MAX_NAME:
        faults["name"] = [f"Give it a name of at most {MAX_NAME} characters."]
    if kind not in KINDS:
        faults["kind"] = [f"One of {', '.join(KINDS)}."]
    if kind == "layout" and layout_a == layout_b:
        faults["layout_b"] = ["Choose two different layouts."]
    if faults:
        raise Invalid("This experiment cannot be made as it is.", fields=faults)
    layouts = (check_layout(layout_a), check_layout(layout_b)) if kind == "layout" else ("", "")
    with runtime.db.transaction() as transaction:
        query = select(Widget.id).where(Widget.token == widget, Widget.workspace_id == workspace_id)
        widget_id = transaction.scalar(query)
        if widget_id is None:
            raise NotFound("There is no such widget.", code="unknown_widget")
        experiment = Experiment(
            workspace_id=workspace_id,
            widget_id=widget_id,
            name=name.strip(),
            kind=kind,
            layout_a=layouts[0],
            layout_b=layouts[1],
            expected_percent=expected_percent,
            smallest_points=smallest_points,
            planned_each=statistics.planned(expected_percent, smallest_points),
        )
        transaction.add(experiment)
        transaction.flush()
        return transaction.get_one(Experiment, experiment.id, populate_existing=True)


def start(runtime: Runtime, workspace_id: str, experiment_id: str) -> Experiment:
    """From now on visitors are split. Raises Conflict where it has begun before, or another one runs with this widget."""
    with runtime.db.transaction() as transaction:
        experiment = _owned(transaction, workspace_id, experiment_id)
        if experiment.state != ExperimentState.DRAFT:
            raise Conflict("It was started before. Make a new one to try again.", code="started_before")
        # Two people may press the button together: the widget's row makes them take turns.
        transaction.execute(select(Widget.id).where(Widget.id == experiment.widget_id).with_for_update())
        if transaction.scalar(select(Experiment.id).where(_running(experiment.widget_id))) is not None:
            raise Conflict("An experiment with this widget runs already. Stop that one first.", code="one_runs")
        experiment.state, experiment.started_at = ExperimentState.RUNNING, now()
        audit.record(transaction, workspace_id, "start_experiment", f"experiment:{experiment.id}")
        publishing.changed(transaction, workspace_id)
        return experiment


def stop(runtime: Runtime, workspace_id: str, experiment_id: str) -> Experiment:
    """Everybody gets the widget as it is again. Stopped before its number, an experiment has no answer."""
    with runtime.db.transaction() as transaction:
        experiment = _owned(transaction, workspace_id, experiment_id)
        if experiment.state != ExperimentState.RUNNING:
            raise Conflict("It does not run.", code="not_running")
        _end(transaction, experiment, ExperimentState.STOPPED)
        audit.record(transaction, workspace_id, "stop_experiment", f"experiment:{experiment.id}")
        return experiment


def remove(runtime: Runtime, workspace_id: str, experiment_id: str) -> None:
    """Delete it with its sums. Raises Conflict while it runs."""
    with runtime.db.transaction() as transaction:
        experiment = _owned(transaction, workspace_id, experiment_id)
        if experiment.state == ExperimentState.RUNNING:
            raise Conflict("It runs. Stop it first.", code="one_runs")
        audit.record(transaction, workspace_id, "delete_experiment", f"experiment:{experiment.id}")
        transaction.delete(experiment)


def read(runtime: Runtime, workspace_id: str, experiment_id: str) -> Standing:
    """One of this workspace. Raises NotFound."""
    with runtime.db.read() as session:
        return _standing(session, _owned(session, workspace_id, experiment_id))


def listing(runtime: Runtime, workspace_id: str) -> list[Standing]:
    """The newest fifty."""
    with runtime.db.read() as session:
        query = select(Experiment).where(Experiment.workspace_id == workspace_id).order_by(Experiment.id.desc())
        return [_standing(session, each) for each in session.scalars(query.limit(50))]


def arm_for(runtime: Runtime, token: str, visitor: Visitor) -> Told:
    """What the widget shows this visitor, who is counted in the arm, once a day. Raises NotFound for an unknown widget.

    A feed may be read for a while after its experiment has ended: then everybody gets the widget as it is.
    """
    with runtime.db.read() as session:
        query = select(Widget.id, Experiment.id, Experiment.kind, Experiment.layout_a, Experiment.layout_b)
        joined = (Experiment.widget_id == Widget.id) & (Experiment.state == ExperimentState.RUNNING)
        row = session.execute(query.outerjoin(Experiment, joined).where(Widget.token == token)).first()
    if row is None:
        raise NotFound("There is no such widget.", code="unknown_widget")
    _, experiment_id, kind, *layouts = row
    if experiment_id is None or visitor.private or not visitor.counted:
        return AS_IT_IS
    with runtime.db.transaction() as transaction:
        who = visitor_hash(transaction, visitor)
        arm = statistics.arm_of(experiment_id, who)
        seen = insert_into(transaction, Exposure).values(
            experiment_id=experiment_id, day=now().date(), visitor=who, arm=arm, converted=False, played=False
        )
        transaction.execute(seen.on_conflict_do_nothing())
    if kind == "presence":
        return Told(arm, None, arm == "b")
    return Told(arm, layouts[ARMS.index(arm)], True)


def converted(runtime: Runtime, workspace_id: str, visitor: Visitor) -> bool:
    """This visitor has converted, in whatever experiments of the workspace they are in today. Whether they are in any."""
    return _mark(runtime, Experiment.workspace_id == workspace_id, visitor, converted=True)


def played(runtime: Runtime, widget_token: str, visitor: Visitor) -> bool:
    """The same for a play on this widget."""
    mine = Experiment.widget_id.in_(select(Widget.id).where(Widget.token == widget_token))
    return _mark(runtime, mine, visitor, played=True)


def settle(runtime: Runtime) -> int:
    """Sum up the days that are over and forget their visitors; end what has its number. Returns how many have ended."""
    today = now().date()
    with runtime.db.read() as session:
        over = list(
            session.execute(select(Exposure.experiment_id, Exposure.day).where(Exposure.day < today).distinct())
        )
        running = list(session.scalars(select(Experiment).where(Experiment.state == ExperimentState.RUNNING)))
        full = [each for each in running if _is_full(session, each)]
    for experiment_id, day in over:
        _sum_up(runtime, experiment_id, day)
    for each in full:
        with runtime.db.transaction() as transaction:
            experiment = transaction.get(Experiment, each.id, with_for_update=True)
            if experiment is not None and experiment.state == ExperimentState.RUNNING:
                _end(transaction, experiment, ExperimentState.FULL)
    return len(full)


def _mark(runtime: Runtime, mine: ColumnElement[bool], visitor: Visitor, **what: bool) -> bool:
    if visitor.private or not visitor.counted:
        return False
    with runtime.db.read() as session:  # most of the time nothing runs, and nobody has to wait for a write
        wanted = list(session.scalars(select(Experiment.id).where(mine, Experiment.state.in_(OPEN))))
    if not wanted:
        return False
    with runtime.db.transaction() as transaction:
        who = visitor_hash(transaction, visitor)
        there = (Exposure.experiment_id.in_(wanted), Exposure.day == now().date(), Exposure.visitor == who)
        changed = transaction.execute(update(Exposure).where(*there).values(**what))
        return bool(changed.rowcount)  # type: ignore[attr-defined]


def _sum_up(runtime: Runtime, experiment_id: str, day: date) -> None:
    with runtime.db.transaction() as transaction:
        for arm, totals in _of_visitors(transaction, experiment_id, day).items():
            row = ExperimentDay(experiment_id=experiment_id, day=day, arm=arm, **vars(totals))
            transaction.merge(row)
        gone = delete(Exposure).where(Exposure.experiment_id == experiment_id, Exposure.day == day)
        transaction.execute(gone)


def _end(transaction: Transaction, experiment: Experiment, state: ExperimentState) -> None:
    experiment.state, experiment.ended_at = state, now()
    publishing.changed(transaction, experiment.workspace_id)


def _standing(session: Session, experiment: Experiment) -> Standing:
    ended = experiment.ended_at
    # A visitor who came just before the end has the rest of the day to convert.
    over = experiment.state == ExperimentState.FULL and ended is not None and ended.date() < now().date()
    return Standing(experiment, _totals(session, experiment.id), over)


def _is_full(session: Session, experiment: Experiment) -> bool:
    totals = _totals(session, experiment.id)
    return statistics.full(totals["a"].as_arm, totals["b"].as_arm, experiment.planned_each)


def _totals(session: Session, experiment_id: str) -> dict[str, ArmTotals]:
    """Days that are over from their sums, the others from their visitors."""
    names = ("visitors", "conversions", "plays", "shares")
    sums = [func.sum(getattr(ExperimentDay, name)) for name in names]
    query = select(ExperimentDay.arm, *sums).where(ExperimentDay.experiment_id == experiment_id)
    rows = session.execute(query.group_by(ExperimentDay.arm)).all()
    found = {arm: ArmTotals(*(int(number) for number in numbers)) for arm, *numbers in rows}
    days = session.scalars(select(Exposure.day).where(Exposure.experiment_id == experiment_id).distinct())
    for day in list(days):
        for arm, live in _of_visitors(session, experiment_id, day).items():
            kept = found.get(arm, ArmTotals())
            found[arm] = ArmTotals(*(getattr(kept, name) + getattr(live, name) for name in names))
    return {arm: found.get(arm, ArmTotals()) for arm in ARMS}


def _of_visitors(session: Session, experiment_id: str, day: date) -> dict[str, ArmTotals]:
    begin = datetime.combine(day, time.min, UTC)
    has_shared = exists().where(
        Share.sharer_hash == Exposure.visitor,
        Share.place == "widget",
        Share.created_at >= begin,
        Share.created_at < begin + timedelta(days=1),
        Share.testimonial_id == Testimonial.id,
        Testimonial.workspace_id == Experiment.workspace_id,
    )
    query = (
        select(
            Exposure.arm,
            func.count(),
            func.count().filter(Exposure.converted),
            func.count().filter(Exposure.played),
            func.count().filter(has_shared),
        )
        .join(Experiment, Experiment.id == Exposure.experiment_id)
        .where(Exposure.experiment_id == experiment_id, Exposure.day == day)
        .group_by(Exposure.arm)
    )
    return {arm: ArmTotals(*numbers) for arm, *numbers in session.execute(query)}


def _running(widget_id: str) -> ColumnElement[bool]:
    return (Experiment.widget_id == widget_id) & (Experiment.state == ExperimentState.RUNNING)


def _owned(session: Session, workspace_id: str, experiment_id: str) -> Experiment:
    query = select(Experiment).where(Experiment.id == experiment_id, Experiment.workspace_id == workspace_id)
    experiment = session.scalar(query)
    if experiment is None:
        raise NotFound("There is no such experiment.", code="unknown_experiment")
    return experiment
