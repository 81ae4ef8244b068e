"""`list-scale`: review page and reports with a million testimonials (a hundred thousand in SQLite) over the same with a thousand.

Whole pages are asked for, as a signed-in moderator does: queue, tabs with their counts, filters, search, reports. Both sizes lie
in databases of their own with the same kinds of rows, and are measured in turns.
"""

from __future__ import annotations

import gc
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select, text

from testimonials import migrations
from testimonials.app import create_app
from testimonials.db import Database
from testimonials.domain.search import tokens
from testimonials.models import Campaign, SearchDocument, Tag, Tagging, Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime, open_runtime
from testimonials.services import accounts, campaigns, report_days
from testimonials.services.search import VERSION, number_of
from testimonials.settings import load
from tests.bench.measure import Result
from tests.servers.postgres import PostgresServer

SMALL, LARGE_SERVER, LARGE_FILE = 1_000, 1_000_000, 100_000
ROUNDS, BATCH, SEED = 12, 20_000, 20261125
BEGIN = now() - timedelta(days=365)
SYLLABLES, ENDINGS = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru"), ("", "s", "ed", "ing")
WORDS = [
    "".join(SYLLABLES[int(digit)] for digit in f"{stem:03}"[::-1]) + ending
    for stem in range(1_000)
    for ending in ENDINGS
]
"""Stems with their endings, so that the start of a word is that of a few others. Drawn with falling frequency, as words are: the
first stand in most testimonials, the last in very few."""
POOL = 5_000
TAGS = {"often": 0.2, "rare": 0.001}


def _hundred(**parts: int) -> list[Any]:
    """A list of a hundred: drawing from it is faster than weighing."""
    return [name for name, part in parts.items() for _ in range(part)]


REVIEWS = _hundred(pending=10, approved=80, rejected=10)
KINDS = _hundred(video=70, audio=10, photo=5, text=15)
MEDIA = _hundred(ready=99, failed=1)
LANGUAGES = _hundred(en=70, de=20, fr=9, sv=1)
RATINGS = [5] * 50 + [4] * 25 + [3] * 10 + [2] * 5 + [1] * 5 + [None] * 5
JSON = {"[]": "[]", "{}": "{}", "['website']": '["website"]'}
EMPTY: dict[str, Any] = {
    "consent_status": "granted", "consent_scopes": ["website"], "allows_website": True, "title": "", "verified": "",
    "quote": "", "reject_reason": "", "tags": [], "terms": {}, "notices": [], "approvals": [], "featured": False,
    "shortened": False, "indexed_as": VERSION,
}  # fmt: skip
PAGES = {
    "queue": "?status=pending", "approved": "?status=approved", "all": "?status=all",
    "rating": "?status=all&rating=1", "kind": "?status=pending&kind=audio", "language": "?status=approved&language=sv",
    "tag": "?status=all&tag=rare", "trouble": "?status=all&trouble=1", "mixed": "?status=rejected&rating=2&language=de",
    "search common": f"?status=all&q={WORDS[1]}", "search middle": f"?status=all&q={WORDS[40]}",
    "search rare": f"?status=all&q={WORDS[3900]}", "search start": f"?status=all&q={WORDS[4][:3]}",
    "search name": "?status=all&q=rider+77", "search two": f"?status=approved&q={WORDS[3]}+{WORDS[30]}",
    "search none": "?q=unicorn", "search filtered": f"?status=rejected&q={WORDS[20]}&language=de",
    "search rare in few": f"?status=rejected&q={WORDS[3000]}&language=de",
    "reports": "reports?days=30", "reports of a campaign": "reports?days=90&campaign=spring",
}  # fmt: skip


@dataclass
class House:
    """One size: its runtime, and a browser that is signed in."""

    runtime: Runtime
    client: FlaskClient

    def seconds(self, query: str) -> float:
        began = time.perf_counter()
        answer = self.client.get(f"/console/{query}")
        taken = time.perf_counter() - began
        assert answer.status_code == 200, answer.text[:300]
        return taken


def measure() -> Result:
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer())
        worst, said = 0.0, []
        for name, large, url in (("PostgreSQL", LARGE_SERVER, server.new_database), ("SQLite", LARGE_FILE, None)):
            began = time.perf_counter()
            few, many = (stack.enter_context(house(size, url and url())) for size in (SMALL, large))
            filled = time.perf_counter() - began
            ratio, line = compare(few, many)
            worst = max(worst, ratio)
            said.append(f"{name} {large}: {line}, filled in {filled:.0f} s")
    return Result("list-scale", worst, 2, f"p95 over p95 with {SMALL}; {'; '.join(said)}")


def compare(few: House, many: House) -> tuple[float, str]:
    """The p95 of every page in each size, and the page that grew most."""
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PAGES}
    for each in (few, many):
        for query in PAGES.values():
            each.seconds(query)
    for _ in range(ROUNDS):
        for name, query in PAGES.items():
            for taken, each in zip(times[name], (few, many), strict=True):
                taken.append(each.seconds(query))
    small, large = ([each for pair in times.values() for each in pair[side]] for side in (0, 1))
    ratio = p95(large) / p95(small)
    medians = {name: [statistics.median(taken) * 1000 for taken in pair] for name, pair in times.items()}
    slowest = max(medians, key=lambda name: medians[name][1] / medians[name][0])
    before, after = medians[slowest]
    line = f"{p95(large) * 1000:.0f} ms over {p95(small) * 1000:.0f} ms"
    return ratio, f"{line} (grows most: {slowest}, median {after:.0f} over {before:.0f} ms)"


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def house(size: int, url: str | None) -> Iterator[House]:
    """A filled installation; SQLite where no address of a server is given."""
    with tempfile.TemporaryDirectory() as folder:
        given = {"TESTIMONIALS_SECRET_KEY": "0123456789abcdef0123456789abcdef"}
        given |= {"TESTIMONIALS_DATABASE_URL": url} if url else {}
        runtime = open_runtime(load(given, data_dir=Path(folder)))
        migrations.upgrade(runtime.db)
        workspace = accounts.create_workspace(runtime, name="Copper Spoke")
        campaigns.create(runtime, workspace, slug="spring", name="Spring")
        fill(runtime.db, workspace, size)
        while report_days.roll_up(runtime):
            pass
        app = create_app(runtime=runtime)
        app.config["WTF_CSRF_ENABLED"] = False
        gc.collect()
        gc.freeze()  # as the web server does
        client = app.test_client()
        member = accounts.add_member(runtime, workspace, email="m@shop.example", role="moderator")
        accounts.set_password(runtime, member, "correct horse battery")
        client.post(accounts.sign_in_link(runtime, member).removeprefix(runtime.settings.base_url))
        yield House(runtime, client)
        runtime.db.close()


def fill(db: Database, workspace: str, size: int) -> None:
    """Testimonials with documents of the search and tags, and the database's statistics. In PostgreSQL by COPY, with the
    indexes made afterwards: that takes a third of the time."""
    chance = random.Random(SEED)
    pool = sentences()
    with db.transaction() as transaction:
        campaign = transaction.scalars(select(Campaign.id).where(Campaign.workspace_id == workspace)).one()
        tags = [{"id": f"{name:0<32}", "workspace_id": workspace, "name": name} for name in TAGS]
        transaction.execute(insert(Tag), tags)
    server = db.engine.dialect.name == "postgresql"
    with ExitStack() as stack:
        if server:
            stack.enter_context(without_indexes(db))
        for start in range(0, size, BATCH):
            numbers = range(start, min(start + BATCH, size))
            made = [both(chance, pool, workspace, campaign, number, size) for number in numbers]
            rows, documents = [one for one, _ in made], [other for _, other in made]
            tagged = [
                {"tag_id": f"{name:0<32}", "testimonial_id": each["id"]}
                for each in rows
                for name, part in TAGS.items()
                if chance.random() < part
            ]
            write(db, {Testimonial: rows, SearchDocument: documents, Tagging: tagged})
    if not server:
        with db.transaction() as transaction:
            transaction.execute(text("INSERT INTO search_index(search_index) VALUES ('rebuild')"))
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@cache
def sentences() -> list[tuple[str, str]]:
    """What people say, each with its tokens; everybody says one of these."""
    chance = random.Random(SEED)
    said = [" ".join(WORDS[int(len(WORDS) * chance.random() ** 4)] for _ in range(40)) for _ in range(POOL)]
    return [(each, " ".join(tokens([each]))) for each in said]


def both(
    chance: random.Random, pool: list[tuple[str, str]], workspace: str, campaign: str, number: int, size: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A testimonial, and its document."""
    moment = BEGIN + timedelta(days=365 * number / size)
    testimonial_id = (
        f"{int(moment.timestamp() * 1000):012x}7{number & 0xFFF:03x}8{number >> 12:03x}{chance.getrandbits(48):012x}"
    )
    review, (said, words) = pick(chance, REVIEWS), pool[int(chance.random() * len(pool))]
    values = {
        **EMPTY, "id": testimonial_id, "token": f"t{number}", "manage_token": f"m{number}", "workspace_id": workspace,
        "campaign_id": campaign, "kind": pick(chance, KINDS), "media": pick(chance, MEDIA), "review": review,
        "name": f"Rider {number}", "email": f"r{number}@example.org", "company": f"Shop {number % 97}",
        "rating": pick(chance, RATINGS), "text": said, "language": pick(chance, LANGUAGES), "created_at": moment,
        "submitted_at": moment,
        "reviewed_at": None if review == "pending" else moment + timedelta(hours=48 * chance.random()),
    }  # fmt: skip
    own = f"w{workspace} rider {number} shop r{number} example org"
    return values, {"number": number_of(testimonial_id), "testimonial_id": testimonial_id, "words": f"{own} {words}"}


def pick(chance: random.Random, hundred: list[Any]) -> Any:
    return hundred[int(chance.random() * 100)]


def write(db: Database, tables: dict[Any, list[dict[str, Any]]]) -> None:
    if db.engine.dialect.name == "sqlite":
        with db.transaction() as transaction:
            for table, rows in tables.items():
                if rows:
                    transaction.execute(insert(table.__table__), rows)
        return
    connection = db.engine.raw_connection()
    with connection.cursor() as cursor:
        for table, rows in tables.items():
            if not rows:
                continue
            fast: Any = cursor
            with fast.copy(f"COPY {table.__tablename__} ({', '.join(rows[0])}) FROM STDIN") as copy:
                for each in rows:
                    copy.write_row([JSON.get(str(v), v) if isinstance(v, list | dict) else v for v in each.values()])
    connection.commit()
    connection.close()


@contextmanager
def without_indexes(db: Database) -> Iterator[None]:
    """Those that only make it fast are taken away and made again."""
    found = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix!_%' ESCAPE '!'"
    )
    with db.transaction() as transaction:
        indexes = transaction.execute(text(found)).all()
        for each in indexes:
            transaction.execute(text(f"DROP INDEX {each.indexname}"))
    yield
    with db.transaction() as transaction:
        transaction.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        for each in indexes:
            transaction.execute(text(each.indexdef))
