"""What a Prometheus server reads: workers, their sandbox, and what waits. Text format 0.0.4, written here: it is ten lines."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from testimonials.jobs import KINDS
from testimonials.models import Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import JobState
from testimonials.runtime import Runtime
from testimonials.upkeep.operations import VERSION, worker_state

Samples = dict[tuple[tuple[str, str], ...], float]


def exposition(runtime: Runtime) -> str:
    """All metrics of the house. No names of people or workspaces are in it."""
    state = worker_state(runtime)
    workers: Counter[tuple[tuple[str, str], ...]] = Counter(
        (("lane", each.lane), ("sandbox", each.sandbox), ("version", each.version)) for each in state.alive
    )
    with runtime.db.read() as session:
        jobs = session.execute(select(Job.name, Job.state, func.count()).group_by(Job.name, Job.state)).all()
        clips = session.execute(select(Testimonial.media, func.count()).group_by(Testimonial.media)).all()
        due = Job.state == JobState.QUEUED, Job.run_after <= now()
        oldest = {
            queue: session.scalar(
                select(func.min(Job.run_after)).where(
                    *due, Job.name.in_([n for n, k in KINDS.items() if k.queue == queue])
                )
            )
            for queue in sorted({kind.queue for kind in KINDS.values()})
        }
    waited: Samples = {
        (("queue", queue),): (now() - since).total_seconds() if since else 0.0 for queue, since in oldest.items()
    }
    families: list[tuple[str, str, Samples]] = [
        ("testimonials_info", "The version of the web server.", {(("version", VERSION),): 1}),
        ("testimonials_workers", "Workers seen in the last half minute.", dict(workers)),
        ("testimonials_jobs", "Jobs by what they make and how they stand.", {_labels(row): row[2] for row in jobs}),
        ("testimonials_clips", "Testimonials by how their clip stands.", {(("media", m),): n for m, n in clips}),
        ("testimonials_queue_seconds", "How long the oldest job that is due has waited.", waited),
    ]
    return "".join(_family(*family) for family in families)


def _labels(row: tuple[str, str, int]) -> tuple[tuple[str, str], ...]:
    return ("name", row[0]), ("state", row[1])


def _family(name: str, help_text: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
    for labels, value in sorted(samples.items()):
        inside = ",".join(f'{key}="{text}"' for key, text in labels)  # our own words: nothing in them needs an escape
        lines.append(f"{name}{{{inside}}} {value:g}")
    return "\n".join(lines) + "\n"
