"""Telling a CDN what to forget: noted in the transaction that makes it so, sent afterwards, again until it is heard."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import timedelta
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy import delete, select

from testimonials.db import Transaction
from testimonials.models import Purge
from testimonials.models.base import now
from testimonials.runtime import Runtime

log = logging.getLogger(__name__)
AT_ONCE = 30
"""Addresses in one request: what the smallest plans of the well-known CDNs take."""
TIMEOUT_SECONDS = 5
BACKOFF_SECONDS = (5, 15, 60, 300, 1800, 7200, 21600, 43200)
A_ROUND = 50


class _NoRedirects(HTTPRedirectHandler):
    """The token is for the one who was named, and for nobody they point to."""

    def redirect_request(self, *_given: object) -> None:
        return None


_opener = build_opener(_NoRedirects)


def note(runtime: Runtime, transaction: Transaction, addresses: Iterable[str]) -> None:
    """What has to be forgotten, in the caller's transaction. Nothing where nobody is to be told."""
    if not runtime.settings.purge_url:
        return
    wanted = list(dict.fromkeys(addresses))
    for start in range(0, len(wanted), AT_ONCE):
        transaction.add(Purge(addresses=wanted[start : start + AT_ONCE]))


def send_due(runtime: Runtime) -> int:
    """Send what is due; returns how much of it was heard. The first that is not ends the round."""
    if not runtime.settings.purge_url:
        return 0
    with runtime.db.read() as session:
        query = select(Purge.id).where(Purge.run_after <= now()).order_by(Purge.run_after, Purge.id).limit(A_ROUND)
        due = list(session.scalars(query))
    heard = 0
    for purge_id in due:
        taken = _take(runtime, purge_id)
        if taken is None:
            continue
        try:
            _send(runtime, taken.addresses)
        except (URLError, OSError) as error:
            # Never the address: it may hold a password.
            log.warning("the CDN did not take a purge at attempt %d: %s", taken.attempts, type(error).__name__)
            break
        with runtime.db.transaction() as transaction:
            transaction.execute(delete(Purge).where(Purge.id == purge_id))
        heard += 1
    return heard


def _take(runtime: Runtime, purge_id: int) -> Purge | None:
    """Count the attempt and set the time of the next one first. Sent twice does no harm; given up, it is said."""
    with runtime.db.transaction() as transaction:
        purge = transaction.scalar(
            select(Purge).where(Purge.id == purge_id, Purge.run_after <= now()).with_for_update()
        )
        if purge is None:
            return None
        if purge.attempts >= len(BACKOFF_SECONDS):
            log.error("the CDN was told %d times to forget %s, and did not hear", purge.attempts, purge.addresses)
            transaction.delete(purge)
            return None
        purge.run_after = now() + timedelta(seconds=BACKOFF_SECONDS[purge.attempts])
        purge.attempts += 1
        return purge


def _send(runtime: Runtime, addresses: list[str]) -> None:
    headers = {"Content-Type": "application/json"}
    if runtime.settings.purge_token:
        headers["Authorization"] = f"Bearer {runtime.settings.purge_token}"
    body = json.dumps({"files": addresses}).encode()
    request = Request(runtime.settings.purge_url, body, headers, method="POST")  # noqa: S310 - http or https, checked
    with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
        answer.read(1024)
