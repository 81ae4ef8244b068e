"""A public list of naughty strings through every form of the house, onto every page and into every mail: text stays text.

No answer holds one as it was written where it could mean something; what has gathered is looked at in Chromium, mails too.
With NAUGHTY=all the whole list goes through each form; otherwise each string goes through two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from testimonials.runtime import Runtime
from testimonials.services import accounts, experiments, widgets
from testimonials.settings import Settings
from tests import acts, clips
from tests.browsers import signed_in
from tests.conftest import Someone
from tests.month import month, shown
from tests.post import PostOffice, body, deliver, sending
from tests.served import served
from tests.web.accounts.test_roles import path_of, rules
from tests.widgets.test_naughty import naughty

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.timeout(3600 if os.environ.get("NAUGHTY") else 600)]

WRITTEN_IN = {"text", "search", "email", "url", "hidden", "tel", "datetime-local", "date"}
NOT_WRITTEN_IN = {"csrf_token", "version"}
AWAY = re.compile(r"/(sign-out|sign-in|leave|erase|withdraw|delete|remove|revoke|open|end|workspaces)\b")
"""What ends the walk, or takes away what it walks on. None of them takes words, but for the new workspace's name."""
LOOKS = 4
"""Times that all pages are opened in the browser, while the list goes by."""
WATCH = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = (...said) => ran.push([name, ...said]);
addEventListener('securitypolicyviolation', (event) => ran.push(['refused', event.violatedDirective, event.sample]));
"""

ACTING = r"""all => all.filter((one) => [...one.attributes].some(
  ({ name, value }) => /^on/.test(name) || /^\s*javascript:/i.test(value))).map((one) => one.outerHTML.slice(0, 200))"""
"""What an attribute makes act."""
WIDE = """all => all.filter((one) => one.getBoundingClientRect().right > 376).slice(-3).map(
  (one) => `${one.tagName}.${one.className} in ${one.parentElement.className}: ${one.textContent.slice(0, 60)}`)"""


@dataclass(frozen=True)
class Form:
    """Where it goes, what it sends when nothing is written, and where words can be written."""

    page: str
    action: str
    given: tuple[tuple[str, str], ...]
    written: tuple[str, ...]


@dataclass
class Walk:
    client: FlaskClient
    sent: int = 0
    faults: list[str] = field(default_factory=list)

    def tree(self, page: str) -> Any:
        """As browsers understand it; None where it is no page."""
        answer = self.client.get(page, follow_redirects=True)
        return html5lib.parse(answer.text, namespaceHTMLElements=False) if answer.mimetype == "text/html" else None

    def send(self, form: Form, text: str, only: str = "") -> None:
        """`text` as all that can be written there, or as `only` one of its fields."""
        data: dict[str, list[str]] = {}
        for name, value in form.given:
            says = name in form.written and not is_kept(value) and only in ("", name)
            data.setdefault(name, []).append(text if says else value or plain(name))
        answer = self.client.post(form.action, data=data, headers={"Referer": form.page})
        self.sent += 1
        if answer.status_code == 303 and self.sent % 5 == 0:
            answer = self.client.get(answer.headers["Location"])
        bare = len(text) > 2 and re.search('[<"]', text) and text in answer.text
        if answer.status_code >= 500 or answer.status_code == 400 or bare:
            self.faults.append(f"{form.action} ← {text[:60]!r}: {answer.status_code}")


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return sending(settings, office)


@pytest.fixture
def names(runtime: Runtime, customer: FlaskClient, owner: Someone) -> dict[str, str]:
    """A furnished house: what the addresses of its pages need."""
    month(runtime, owner.workspace_id, "spring")
    given = acts.hand_in(customer, clips.webm(6), consent=["website", "social", "editing"])
    acts.work_through(runtime)
    cues = {"cues": [{"start_seconds": 0.5, "end_seconds": 2, "text": "Marta fixed them."}]}
    owner.client.put(f"/api/v1/testimonials/{given['token']}/captions/en", json=cues, headers=owner.bearer)
    owner.client.post(f"/console/testimonials/{given['token']}/approve")
    widget = widgets.create(runtime, owner.workspace_id, name="Home").token
    made = experiments.create(runtime, owner.workspace_id, widget=widget, name="Wall or none")
    return {
        "token": given["token"],
        "widget": widget,
        "experiment_id": made.id,
        "slug": "spring",
        "language": "en",
        "manage": acts.own_page(given),
        "invitation": acts.invite(owner)["url"],
    }


def pages(app: Flask, names: dict[str, str]) -> list[str]:
    """All that the owner, a customer and a visitor can open, with real names where an address takes some."""
    found = []
    for rule, method in rules(app, "console", "accounts"):
        if method == "GET" and not AWAY.search(rule.rule) and not re.search(r"\.\w+$|/share/|/draft", rule.rule):
            token = names["widget"] if "/widgets/" in rule.rule else names["token"]
            found.append(path_of(app, rule, {**names, "token": token}))
    queues = [f"/console/?status={name}" for name in ("pending", "approved", "rejected", "archived")]
    public = [f"/t/{names['token']}", f"/c/{names['slug']}", names["manage"], urlsplit(names["invitation"]).path]
    return [*found, *queues, *public, f"/widget/{names['widget']}.html", "/sign-in", "/sign-in/link"]


def forms(page: str, tree: Any) -> Iterator[Form]:
    """Those that send words, also words that a field holds without showing them."""
    for form in tree.iter("form") if tree is not None else ():
        given, written = [], []
        for each in (one for one in form.iter() if one.tag in ("input", "textarea", "select")):
            name, kind = each.get("name"), "text" if each.tag == "textarea" else each.get("type", "text")
            if not name or each.get("disabled") is not None:
                continue
            if each.tag == "select":
                chosen = [one for one in each.iter("option") if one.get("selected") is not None] or list(
                    each.iter("option")
                )
                given += [(name, one.get("value", "")) for one in chosen[:1]]
            elif (kind in WRITTEN_IN and name not in NOT_WRITTEN_IN) or each.tag == "textarea":
                written.append(name)
                given.append((name, each.get("value") or each.text or ""))
            elif kind not in ("checkbox", "radio") or each.get("checked") is not None:
                given.append((name, each.get("value", "on")))
        action = form.get("action") or page
        if written and form.get("method", "get").lower() == "post" and not AWAY.search(action):
            yield Form(page, action, tuple(given), tuple(dict.fromkeys(written)))


def is_kept(value: str) -> bool:
    """What names something (a handle, a signed state) stays, or nothing of the form would be taken."""
    return bool(re.fullmatch(r"[\w-]{16,}(\.[\w-]+)*|[\d.]+", value))


def plain(name: str) -> str:
    """Something for a field that has to hold something."""
    return "maya@example.org" if name == "email" else "Maya" if name in ("name", "promise", "words", "text") else ""


class Looking:
    """A browser that is signed in and notes what runs, what is refused to run, and what sticks out."""

    def __init__(self, browser: Browser, state: Path | None, faults: list[str]) -> None:
        self.page: Page = browser.new_context(storage_state=state, viewport={"width": 375, "height": 812}).new_page()
        self.page.add_init_script(WATCH)
        self.page.on("pageerror", lambda error: faults.append(f"{self.page.url}: {error}"))
        self.page.on("dialog", lambda dialog: faults.append(dialog.message) or dialog.dismiss())  # type: ignore[func-returns-value]
        self.faults = faults

    def at(self, address: str) -> None:
        self.page.goto(address)
        self.judge(address)

    def judge(self, where: str) -> None:
        if ran := self.page.evaluate("ran"):
            self.faults.append(f"{where}: {ran}")
        if found := self.page.locator("body *").evaluate_all(ACTING):
            self.faults.append(f"{where}: {found}")
        if (wide := self.page.evaluate("document.documentElement.scrollWidth")) > 375:
            self.faults.append(f"{where}: {wide} px wide at 375: {self.page.locator('body *').evaluate_all(WIDE)}")


def test_text_stays_text_on_every_page_and_in_every_mail(
    app: Flask,
    runtime: Runtime,
    owner: Someone,
    names: dict[str, str],
    office: PostOffice,
    browser: Browser,
    tmp_path: Path,
) -> None:
    walk = Walk(owner.client)
    trees = {page: walk.tree(page) for page in pages(app, names)}
    found = list(
        {(form.action, form.written): form for page, tree in trees.items() for form in forms(page, tree)}.values()
    )
    assert len(found) > 20
    strings = naughty()
    with served(runtime) as here:
        member = accounts.add_member(here, owner.workspace_id, email="looks@copper.example", role="owner")
        looking = Looking(browser, signed_in(browser, accounts.sign_in_link(here, member), tmp_path), walk.faults)
        for number, text in enumerate(strings):
            shown(
                runtime,
                owner.workspace_id,
                text[:200],
                review="pending",
                text=text,
                title=text[:200],
                company=text[:200],
            )
            for place in range(number, number + (len(found) if os.environ.get("NAUGHTY") else 2)):
                form = found[place % len(found)]
                walk.send(form, text)
                walk.send(form, text, only=form.written[0])
            if number % (len(strings) // LOOKS) == 0:
                for page in trees:
                    looking.at(here.settings.base_url + page)
        deliver(here)
    for mail in office.mails:
        looking.page.goto("about:blank")  # no policy of ours protects a mail
        looking.page.set_content(body(mail, "html"))
        looking.judge(str(mail["Subject"]))
    print(f"{len(found)} forms, {walk.sent} sent, {len(trees)} pages, {len(office.mails)} mails")
    assert len(office.mails) > 3
    assert not walk.faults, "\n".join(walk.faults)
