"""Clients that we did not write upload, are cut off, go on and give up: tus-js-client, Uppy and tuspy.

The browser's page is on another origin than the server, so that CORS is part of it.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from tests import acts
from tests.browsers import CHROMIUM, QUIET
from tests.contract import tus_clients
from tests.cutting import CuttingProxy
from tests.installation import Installation, stored, wait_for, web_only
from tests.journey.host_site import HostSite

pytestmark = pytest.mark.servers
SIZE = 6_000_000
CUTS = 6
RETRIES = [0, 50, 50, 100, 100, 200, 200, 400, 400, 800, 800]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with web_only(tmp_path_factory.mktemp("clients")) as started:
        yield started


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip für alle.webm"
    path.write_bytes(random.Random(7).randbytes(SIZE))
    return path


@pytest.fixture
def line(house: Installation, request: pytest.FixtureRequest) -> Iterator[CuttingProxy]:
    """The way to the house, cut at random places of the upload; they differ from test to test, not from run to run."""
    dice = random.Random(request.node.name)
    after = [dice.randint(1_000, SIZE // CUTS) for _ in range(CUTS)]
    with CuttingProxy(port_of(house), after) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def script() -> str:
    return tus_clients.bundle()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield started
    started.close()


@pytest.fixture
def page(browser: Browser, script: str, clip: Path) -> Iterator[Page]:
    """A page of another origin that has the clients and the file."""
    site = HostSite()
    context = browser.new_context()
    opened = context.new_page()
    opened.site_url = site.url  # type: ignore[attr-defined]
    open_page(opened, script, clip)
    yield opened
    context.close()
    site.close()


def open_page(page: Page, script: str, clip: Path) -> None:
    page.goto(page.site_url)  # type: ignore[attr-defined]
    page.add_script_tag(content=script)
    page.evaluate("document.body.append(Object.assign(document.createElement('input'), {type: 'file', id: 'file'}))")
    page.set_input_files("#file", clip)
    page.evaluate(PAGE)


PAGE = """() => {
  window.file = document.getElementById("file").files[0];
  window.begin = (options) => {
    window.state = {sent: 0};
    window.upload = new tus.Upload(options.stream ? file.stream().getReader() : file, {
      metadata: {campaign: "spring", filename: file.name, filetype: file.type},
      onProgress: (sent) => { state.sent = sent; },
      onSuccess: () => { state.url = upload.url; },
      onError: (error) => { state.error = String(error); },
      ...options,
    });
    return upload;
  };
  window.ended = async () => {
    while (!state.url && !state.error) await new Promise((go) => setTimeout(go, 20));
    return state;
  };
}"""


def port_of(house: Installation) -> int:
    return int(urlsplit(house.base).port or 0)


def ours(house: Installation, url: str) -> str:
    """The same upload, without the line that breaks."""
    return house.base + urlsplit(url).path


def assert_identical(house: Installation, url: str, clip: Path) -> None:
    head = httpx.head(ours(house, url), headers=acts.TUS)
    assert head.headers["Upload-Length"] == head.headers["Upload-Offset"] == str(SIZE)
    digest = hashlib.sha256()
    for chunk in stored(house, url):
        digest.update(chunk)
    assert digest.hexdigest() == hashlib.sha256(clip.read_bytes()).hexdigest()


# ---- tus-js-client in a browser ----


@pytest.mark.browser
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunkSize": 400_000},
        {"chunkSize": 400_000, "overridePatchMethod": True},
        {"chunkSize": 400_000, "uploadDataDuringCreation": True},
    ],
    ids=["whole", "chunks", "as-post", "with-creation"],
)
def test_tus_js_client_is_cut_off_and_goes_on(
    page: Page, line: CuttingProxy, house: Installation, clip: Path, options: dict[str, Any]
) -> None:
    given = {"endpoint": f"{line.base}/uploads", "retryDelays": RETRIES, **options}
    state = page.evaluate("async (options) => { begin(options).start(); return await ended(); }", given)
    assert "error" not in state, state
    assert line.cuts == CUTS
    assert_identical(house, state["url"], clip)


@pytest.mark.browser
def test_tus_js_client_goes_on_after_a_reload(page: Page, house: Installation, clip: Path, script: str) -> None:
    given = {"endpoint": f"{house.base}/uploads", "chunkSize": 300_000}
    page.evaluate("(options) => { begin(options).start(); }", given)
    page.wait_for_function("() => state.sent > 1_000_000", polling=5)
    open_page(page, script, clip)
    resumed = page.evaluate(
        """async (options) => {
          begin(options);
          const [earlier] = await upload.findPreviousUploads();
          upload.resumeFromPreviousUpload(earlier);
          upload.start();
          const sent = [];
          upload.options.onChunkComplete = (size, accepted) => sent.push(accepted);
          return {...await ended(), earlier: earlier.uploadUrl, first: sent[0]};
        }""",
        given,
    )
    assert resumed["url"] == resumed["earlier"]
    assert resumed["first"] > 600_000, "it did not begin anew"
    assert_identical(house, resumed["url"], clip)


@pytest.mark.browser
def test_tus_js_client_streams_without_knowing_the_length(page: Page, house: Installation, clip: Path) -> None:
    given = {"endpoint": f"{house.base}/uploads", "chunkSize": 700_001, "uploadLengthDeferred": True, "stream": True}
    state = page.evaluate("async (options) => { begin(options).start(); return await ended(); }", given)
    assert "error" not in state, state
    assert_identical(house, state["url"], clip)


@pytest.mark.browser
def test_tus_js_client_gives_up(page: Page, house: Installation) -> None:
    given = {"endpoint": f"{house.base}/uploads", "chunkSize": 200_000}
    page.evaluate("(options) => { begin(options).start(); }", given)
    page.wait_for_function("() => state.sent > 500_000", polling=5)
    url = page.evaluate("async () => { await upload.abort(true); return upload.url; }")
    assert httpx.head(ours(house, url), headers=acts.TUS).status_code == 404
    assert list(stored(house, url)) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metadata": {"campaign": "nobody"}}, "unknown_campaign"),
        ({"metadata": {}}, "unknown_campaign"),
        ({"uploadSize": 10**12}, "upload_too_large"),
        ({"parallelUploads": 2}, "no_concatenation"),
    ],
)
def test_tus_js_client_reads_why_it_was_refused(
    page: Page, house: Installation, options: dict[str, Any], said: str
) -> None:
    given = {"endpoint": f"{house.base}/uploads", "retryDelays": None, **options}
    state = page.evaluate("async (options) => { begin(options).start(); return await ended(); }", given)
    assert said in state["error"], "CORS let the page read the answer"


# ---- Uppy ----

UPPY = """async ({endpoint, chunkSize, retryDelays, pauses}) => {
  const options = {endpoint, chunkSize: chunkSize ?? Infinity, retryDelays, allowedMetaFields: true};
  const uppy = new Uppy({autoProceed: false}).use(UppyTus, options);
  uppy.setMeta({campaign: "spring"});
  const id = uppy.addFile({name: file.name, type: file.type, data: file});
  let paused = false;
  uppy.on("upload-progress", (_, {bytesUploaded}) => {
    if (pauses && !paused && bytesUploaded > 1_000_000) {
      paused = true;
      uppy.pauseResume(id);
      setTimeout(() => uppy.pauseResume(id), 300);
    }
  });
  const {successful, failed} = await uppy.upload();
  return {url: successful[0]?.uploadURL, failed: failed.map((each) => String(each.error)), paused};
}"""


@pytest.mark.browser
@pytest.mark.parametrize("chunk", [None, 500_000], ids=["whole", "chunks"])
def test_uppy_is_cut_off_and_goes_on(
    page: Page, line: CuttingProxy, house: Installation, clip: Path, chunk: int | None
) -> None:
    given = {"endpoint": f"{line.base}/uploads", "chunkSize": chunk, "retryDelays": RETRIES, "pauses": False}
    found = page.evaluate(UPPY, given)
    assert found["failed"] == []
    assert line.cuts == CUTS
    assert_identical(house, found["url"], clip)


@pytest.mark.browser
def test_uppy_pauses_and_goes_on(page: Page, house: Installation, clip: Path) -> None:
    given = {"endpoint": f"{house.base}/uploads", "chunkSize": 200_000, "retryDelays": RETRIES, "pauses": True}
    found = page.evaluate(UPPY, given)
    assert (found["failed"], found["paused"]) == ([], True)
    assert_identical(house, found["url"], clip)


# ---- tus-js-client in Node.js ----

NODE = """
const tus = require("tus-js-client"), fs = require("fs");
const [endpoint, path, remembered, chunkSize] = process.argv.slice(1);
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint, chunkSize: Number(chunkSize) || Infinity, retryDelays: [0, 50, 50, 100, 100, 200, 200, 400, 400],
  metadata: {campaign: "spring"}, urlStorage: new tus.FileUrlStorage(remembered), storeFingerprintForResuming: true,
  fingerprint: async () => "the-clip",
  onChunkComplete: (_, accepted) => console.log("at", accepted),
  onSuccess: () => console.log("url", upload.url),
  onError: (error) => { console.log("error", String(error)); process.exit(1); },
});
upload.findPreviousUploads().then((earlier) => {
  if (earlier.length) { upload.resumeFromPreviousUpload(earlier[0]); console.log("resumed", earlier[0].uploadUrl); }
  upload.start();
});
"""


def test_tus_js_client_in_node_is_cut_off_and_goes_on(
    line: CuttingProxy, house: Installation, clip: Path, tmp_path: Path
) -> None:
    done = tus_clients.node(NODE, f"{line.base}/uploads", str(clip), str(tmp_path / "urls"), "400000")
    said, _ = done.communicate(timeout=60)
    assert done.returncode == 0, said
    assert line.cuts == CUTS
    assert_identical(house, said.split("url ")[1].strip(), clip)


def test_tus_js_client_in_node_is_killed_and_goes_on(house: Installation, clip: Path, tmp_path: Path) -> None:
    given = (f"{house.base}/uploads", str(clip), str(tmp_path / "urls"), "200000")
    first = tus_clients.node(NODE, *given)
    assert first.stdout is not None
    with first:
        while "at 1200000" not in first.stdout.readline():
            assert first.poll() is None
        first.kill()
    second = tus_clients.node(NODE, *given)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert "resumed " in said and "at 200000\n" not in said, said
    assert_identical(house, said.split("url ")[1].strip(), clip)


# ---- tuspy ----


@contextmanager
def tuspy(base: str, clip: Path, **options: Any) -> Iterator[Uploader]:
    given = {"metadata": {"campaign": "spring", "filename": clip.name}, "retries": 30, "retry_delay": 0.05, **options}
    with clip.open("rb") as stream:  # it leaves a file that it opens itself open
        yield TusClient(f"{base}/uploads").uploader(file_stream=stream, **given)


@pytest.mark.parametrize(
    "options",
    [{"chunk_size": 300_000}, {"chunk_size": 300_000, "upload_checksum": True}, {}],
    ids=["chunks", "checksums", "whole"],
)
def test_tuspy_is_cut_off_and_goes_on(
    line: CuttingProxy, house: Installation, clip: Path, options: dict[str, Any]
) -> None:
    with tuspy(line.base, clip, **options) as uploader:
        uploader.upload()
    assert line.cuts == CUTS
    assert_identical(house, uploader.url, clip)


def test_tuspy_goes_on_in_another_process(house: Installation, clip: Path) -> None:
    with tuspy(house.base, clip, chunk_size=250_000) as first:
        first.upload(stop_at=1_000_000)
    with tuspy(house.base, clip, chunk_size=250_000, url=first.url) as second:
        assert second.offset == 1_000_000
        second.upload()
    assert_identical(house, first.url, clip)


def test_tuspy_uploads_nothing(house: Installation, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    with tuspy(house.base, empty) as uploader:
        uploader.upload()
    head = httpx.head(uploader.url, headers=acts.TUS)
    assert (head.headers["Upload-Length"], head.headers["Upload-Offset"]) == ("0", "0")


def test_the_server_is_killed_in_the_middle(tmp_path: Path, clip: Path) -> None:
    """A restart of the web server costs a client nothing but the wait."""
    with web_only(tmp_path) as house, tuspy(house.base, clip, chunk_size=40_000, retries=400) as uploader:
        sender = threading.Thread(target=uploader.upload)
        sender.start()
        wait_for(lambda: (uploader.offset or 0) > 500_000, 20)
        house.kill_and_start_again(house.processes[0])
        assert 0 < uploader.offset < SIZE, "it was in the middle"
        sender.join(60)
        assert not sender.is_alive()
        assert_identical(house, uploader.url, clip)
