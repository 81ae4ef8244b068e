"""What people do in tests, in few words: upload, submit, process."""

from __future__ import annotations

import base64
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from testimonials import jobs
from testimonials.collect.screening import form_age
from testimonials.models import Campaign, Testimonial, Workspace
from testimonials.runtime import Runtime
from workers.media.sandbox import Sandbox, choose
from workers.tasks import Hands, run_job

if TYPE_CHECKING:
    from tests.conftest import Someone

TUS = {"Tus-Resumable": "1.0.0"}
DETAILS: dict[str, Any] = {
    "name": "Maya R.",
    "email": "maya@example.org",
    "title": "Baker",
    "rating": 5,
    "text": "Nobody noticed we were one short.",
    "consent": ["website", "social"],
}


def a_campaign(session: Session) -> Campaign:
    """A campaign of a workspace of its own, as bare rows."""
    workspace = Workspace(name="w")
    session.add(workspace)
    session.flush()
    campaign = Campaign(workspace_id=workspace.id, slug="c", name="c")
    session.add(campaign)
    session.flush()
    return campaign


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def start(client: FlaskClient, *, length: int | None = None, campaign: str = "spring", **headers: str) -> str:
    """Create an upload; returns its path."""
    size = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
    answer = client.post("/uploads", headers={**TUS, **size, "Upload-Metadata": metadata(campaign=campaign), **headers})
    assert answer.status_code == 201, answer.text
    return "/uploads/" + answer.headers["Location"].rsplit("/", 1)[1]


def patch(client: FlaskClient, path: str, body: bytes, offset: int = 0, **headers: str) -> Any:
    return client.patch(
        path,
        data=body,
        headers={**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream", **headers},
    )


def upload(client: FlaskClient, body: bytes, campaign: str = "spring") -> str:
    """A whole upload in one go; returns its token."""
    path = start(client, length=len(body), campaign=campaign)
    if body:
        assert patch(client, path, body).status_code == 204
    return path.rsplit("/", 1)[1]


def submit(client: FlaskClient, token: str, campaign: str = "spring", **details: Any) -> Any:
    return client.post(f"/c/{campaign}/submissions", json={**DETAILS, **opened(client), "upload": token, **details})


def opened(client: FlaskClient) -> dict[str, str]:
    """What the page's form holds beside its fields, a minute after it was opened."""
    secret = client.application.extensions["testimonials"].settings.secret_key
    return {"opened": form_age(secret, seconds_ago=60)}


def hand_in(client: FlaskClient, clip: Path | bytes, campaign: str = "spring", **details: Any) -> dict[str, str]:
    """Upload and submit; returns the answer's `testimonial`."""
    body = clip if isinstance(clip, bytes) else clip.read_bytes()
    answer = submit(client, upload(client, body, campaign), campaign, **details)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json["testimonial"]
    return found


def work(runtime: Runtime, job_id: str, sandbox: Sandbox | None = None) -> bool:
    """Do a job in this process, as a worker would."""
    return run_job(Hands(runtime, sandbox or choose(), "test", threading.Event()), job_id)


def work_through(runtime: Runtime, queues: tuple[str, ...] = ("media", "small")) -> list[str]:
    """Do everything that waits, most urgent first, and what comes of it; returns the ids of the jobs in that order."""
    done: list[str] = []
    while waiting := [job_id for queue in queues for job_id in jobs.due(runtime.db, queue)]:
        assert work(runtime, waiting[0])
        done.append(waiting[0])
    return done


def only_testimonial(runtime: Runtime) -> Testimonial:
    """The one that there is."""
    with runtime.db.read() as session:
        return session.scalars(select(Testimonial)).one()


def change_campaign(runtime: Runtime, **values: Any) -> None:
    """Whatever the campaign of these tests is to be like."""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).where(Campaign.slug == "spring").values(**values))


def own_page(given: dict[str, str]) -> str:
    """The path of the customer's own page, from the answer to a submission."""
    return "/my/" + given["manage_url"].rsplit("/", 1)[1]


def invite(owner: Someone, **given: str) -> dict[str, Any]:
    """An invitation by the API, as it answers."""
    body = {"name": "Maya Rivera", "email": "maya@example.org", **given}
    answer = owner.client.post("/api/v1/campaigns/spring/invitations", json=body, headers=owner.bearer)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found
