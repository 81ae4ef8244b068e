"""People, as they come: the first owner, somebody who is asked in, a phone with codes, a passkey in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browsers import CHROMIUM, QUIET
from tests.installation import START_SECONDS, Installation, _installation, _running, wait_for
from tests.servers.ports import free_ports

pytestmark = pytest.mark.browser
WIDTHS = (320, 375, 768, 1440)
PASSWORD = "a quiet river at dawn"


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield found
    found.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """At `localhost`, which is where browsers make passkeys without https."""
    port = free_ports()
    base = f"http://localhost:{port}"
    installation = _installation(tmp_path_factory.mktemp("people"), port, {"base_url": base})
    installation.base = base
    with _running(installation):
        installation.start("serve", "--no-worker", "--port", str(port))
        wait_for(installation.answers, START_SECONDS, lambda: installation.log()[-3000:])
        yield installation


@pytest.fixture(scope="module")
def owner(house: Installation, chromium: Browser) -> Iterator[BrowserContext]:
    """The first owner's browser: in by the one-time link, with a password of their own."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(house.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    page.get_by_role("heading", level=1).wait_for()
    yield context
    context.close()


def key_of(page: Page) -> Any:
    """A device that opens its keys for whoever is there (Chromium's virtual authenticator)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**device, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return session, made["authenticatorId"]


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with a page at every width: accessibility, or something that sticks out."""
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{name}: {wide} px wide at {width}")
    found = Axe().run(page)
    return faults + [f"{name}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found.response["violations"]]


def test_somebody_is_asked_in_and_joins(house: Installation, owner: BrowserContext, chromium: Browser) -> None:
    page = owner.new_page()
    page.goto(f"{house.base}/console/team")
    page.get_by_label("Email").fill("nora@copper.example")
    page.get_by_label("Role", exact=True).select_option("moderator")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("[data-copy-source]").inner_text()
    context = chromium.new_context()
    theirs = context.new_page()
    theirs.goto(link)
    faults = faults_of(theirs, "join")
    theirs.get_by_label("Your name").fill("Nora Vance")
    theirs.get_by_label("Choose a password").fill(PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs).to_have_url(f"{house.base}/console/")
    page.goto(f"{house.base}/console/team")
    expect(page.locator("b", has_text="Nora Vance")).to_be_visible()
    context.close()
    page.close()
    assert faults == []


def test_a_passkey_is_made_and_signs_in(house: Installation, owner: BrowserContext) -> None:
    page = owner.new_page()
    session, device = key_of(page)
    page.goto(f"{house.base}/console/account")
    page.get_by_role("link", name="Add a passkey").click()
    faults = faults_of(page, "new passkey")
    page.get_by_label("Name of the device").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey is added")).to_be_visible()
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [each["isResidentCredential"] for each in kept] == [True]
    page.locator("main").get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("heading", name="Sign in").wait_for()
    faults += faults_of(page, "sign in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{house.base}/console/")
    page.goto(f"{house.base}/console/account")
    expect(page.get_by_text("By passkey", exact=False).first).to_be_visible()
    page.goto(f"{house.base}/console/prove")
    faults += faults_of(page, "prove")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{house.base}/console/account")
    page.close()
    assert faults == []


def test_a_phone_gives_codes(house: Installation, chromium: Browser) -> None:
    link = house.command("user", "add", "theo@copper.example", "--role", "editor").split()[-1]
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    faults = faults_of(page, "password")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    page.goto(f"{house.base}/console/account/authenticator")
    faults += faults_of(page, "authenticator")
    expect(page.get_by_role("img")).to_be_visible()
    page.get_by_text("Type the key instead").click()
    code = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Code").fill(code.now())
    page.get_by_role("button", name="Turn it on").click()
    recovery = page.locator("[data-copy-source]").inner_text().split()
    assert len(recovery) == 10
    faults += faults_of(page, "recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    page.locator("main").get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Email").fill("theo@copper.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Your code").wait_for()
    faults += faults_of(page, "code")
    page.get_by_label("Code").fill(recovery[3])
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{house.base}/console/")
    context.close()
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_for_everybody(house: Installation, owner: BrowserContext, chromium: Browser, scheme: Any) -> None:
    context = chromium.new_context(color_scheme=scheme, storage_state=owner.storage_state())
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    for path in ("team", "account", "tokens", "tokens/new"):
        page.goto(f"{house.base}/console/{path}")
        faults += faults_of(page, path)
    page.get_by_label("What is it for?").fill("Our shop")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="Keep this token")).to_be_visible()
    faults += faults_of(page, "made token")
    page.goto(f"{house.base}/console/team")
    page.get_by_text("What each role may do").click()
    faults += faults_of(page, "team, with the roles")
    context.close()
    outside = chromium.new_context(color_scheme=scheme)
    page = outside.new_page()
    page.goto(f"{house.base}/sign-in/link")
    faults += faults_of(page, "sign-in by mail")
    outside.close()
    assert faults == []
