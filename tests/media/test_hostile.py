"""Hundreds of hostile files go the way of a testimonial: none may read, ask, hang, fill or crash anything."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from testimonials.domain.failures import FAILURES
from testimonials.errors import MediaError
from tests import clips
from tests.media.hostile import Hostile, Targets
from tests.media.mutations import corpus
from workers.brief import GRACE, GRACE_SECONDS
from workers.media.command import (
    POSTER_PATTERN,
    PREVIEW_FILE,
    STORYBOARD_FILE,
    copy_command,
    first_command,
    rendition_path,
    rest_command,
    stills_command,
)
from workers.media.ffmpeg import follow
from workers.media.loudness import gain_db, measure
from workers.media.packets import steady
from workers.media.pictures import rank
from workers.media.plan import Plan, Wishes, make_plan, may_copy
from workers.media.probe import probe
from workers.media.sandbox import Limits, Sandbox, choose
from workers.media.verify import verify_rendition
from workers.pipeline import bound

pytestmark = [pytest.mark.media, pytest.mark.timeout(900)]  # the first test waits for all of them
FILES = int(os.environ.get("HOSTILE_FILES", "520"))
MAX_SECONDS = 90 * GRACE + GRACE_SECONDS  # of a campaign that nobody changed
MOST_WALL_SECONDS = 30.0
MOST_CPU_SECONDS = 65.0  # of one process; what stalls may spin until the watchdog comes
MOST_STALLED = 2
MOST_MEMORY_BYTES = 700 * 1024**2
MOST_DISK_BYTES = 50 * 1024**2


@dataclass
class Outcome:
    """How a file ended: `code` is a name of FAILURES or `ready`; anything else has escaped."""

    file: Hostile
    code: str
    detail: str = ""
    seconds: float = 0.0
    disk_bytes: int = 0
    escapes: list[str] = field(default_factory=list)


def go_through(sandbox: Sandbox, source: Path, folder: Path) -> list[Path]:
    """What `process_testimonial` and `render_rest` do with one source, less the rows; returns what would be stored."""
    facts, wishes = probe(sandbox, source, max_seconds=MAX_SECONDS), Wishes()
    plan = make_plan([facts], wishes, steady=may_copy([facts], wishes) and steady(sandbox, source, facts))
    limit, gain = (
        bound(plan, MAX_SECONDS),
        gain_db(measure(sandbox, plan, [source], max_seconds=MAX_SECONDS), plan.duration_seconds),
    )
    make = copy_command if plan.copy else first_command
    _transcode(sandbox, plan, make(plan, [source], folder, gain_db=gain, max_seconds=limit), [source], folder)
    if plan.copy:
        _transcode(sandbox, plan, stills_command(plan, [source], folder, max_seconds=limit), [source], folder)
    first = verify_rendition(sandbox, rendition_path(folder, plan.first), plan.first, plan, max_seconds=MAX_SECONDS)
    stills = [each.path for each in rank(sorted(folder.glob(POSTER_PATTERN.replace("%02d", "*"))))]
    sound = first.path.rename(folder.parent / "sound.mp4")
    plan = plan.lasting(first.facts.duration_seconds)
    limit = bound(plan, MAX_SECONDS)
    reads, rungs, made_anew = [source, sound], plan.rest, False
    complaints = _transcode(
        sandbox, plan, rest_command(plan, rungs, [source], sound, folder, max_seconds=limit), reads, folder
    )
    if plan.copy and complaints:
        plan, made_anew = make_plan([facts], wishes).lasting(plan.duration_seconds), True
        rungs = plan.rungs
        again = rest_command(plan, rungs, [source], sound, folder, max_seconds=limit)
        _transcode(sandbox, plan, again, reads, folder)
    rest = [
        verify_rendition(sandbox, rendition_path(folder, rung), rung, plan, max_seconds=MAX_SECONDS).path
        for rung in rungs
    ]
    return [*([] if made_anew else [sound]), *rest, folder / PREVIEW_FILE, folder / STORYBOARD_FILE, *stills]


def _transcode(sandbox: Sandbox, plan: Plan, command: list[str], reads: list[Path], folder: Path) -> int:
    budget = int(120 + 10 * plan.duration_seconds)
    wrapped = sandbox.wrap(command, reads=reads, writes=folder, limits=Limits(cpu_seconds=budget * 2))
    return follow(wrapped, timeout=budget, on_time=lambda _: None).complaints


class Traps:
    """What must never be touched: canaries whose every opening the kernel notes, and a listener that counts its guests."""

    def __init__(self, outside: Path, beside: Path) -> None:
        self.token = secrets.token_hex(16)
        magenta = ["-f", "lavfi", "-i", "color=magenta:s=160x120:r=25:d=1", *clips.QUICK_H264]
        self.text, self.clip, near = outside / "canary.txt", beside / "canary.mp4", beside / "canary.txt"
        self.text.write_text(self.token)
        near.write_text(self.token)
        shutil.copy(clips.make("canary.mp4", *magenta), self.clip)
        with self.clip.open("ab") as handle:
            handle.write(self.token.encode())
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK)
        opened_or_read = 0x20 | 0x1
        for path in (self.text, near, self.clip):
            assert libc.inotify_add_watch(self._watch, os.fsencode(path), opened_or_read) > 0

    @property
    def targets(self) -> Targets:
        return Targets(self.text, self.clip, int(self.listener.getsockname()[1]))

    def sprung(self) -> list[str]:
        """What has been touched since the last look."""
        found = []
        with suppress(BlockingIOError):
            connection, address = self.listener.accept()
            connection.close()
            found.append(f"a connection from {address}")
        with suppress(BlockingIOError):
            found.append(f"a canary was opened: {os.read(self._watch, 65536)!r}")
        return found

    def close(self) -> None:
        self.listener.close()
        os.close(self._watch)


class Meter(threading.Thread):
    """Reads in /proc what every process of a job takes. They are known by the folder in their arguments."""

    def __init__(self, root: Path) -> None:
        super().__init__(daemon=True)
        self.root = os.fsencode(root)
        self.memory: dict[str, int] = {}
        self.cpu: dict[str, float] = {}
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.02):
            for pid in self.alive():
                with suppress(OSError, IndexError, ValueError):  # it has ended meanwhile
                    self._look_at(pid)

    def stop(self) -> None:
        self._done.set()
        self.join()

    def alive(self) -> list[int]:
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if self.root in Path(f"/proc/{pid}/cmdline").read_bytes() and int(pid) != os.getpid():
                    found.append(int(pid))
            except OSError:
                continue
        return found

    def _look_at(self, pid: int) -> None:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        job = words.partition(self.root + b"/")[2].partition(b"/")[0].decode()
        status = Path(f"/proc/{pid}/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        self.memory[job] = max(self.memory.get(job, 0), peak)
        self.cpu[job] = max(self.cpu.get(job, 0.0), spent)


def decode(sandbox: Sandbox, outputs: list[Path]) -> str:
    """What ffmpeg says against the outputs."""
    inputs = [word for path in outputs for word in ("-i", str(path))]
    maps = [word for number in range(len(outputs)) for word in ("-map", str(number))]
    command = ["ffmpeg", "-nostdin", "-v", "error", *inputs, *maps, "-f", "null", "-"]
    wrapped = sandbox.wrap(command, reads=outputs, writes=None, limits=Limits(cpu_seconds=60, open_files=256))
    done = subprocess.run(wrapped, capture_output=True, text=True, check=False, timeout=120)
    return done.stderr if done.stderr or not done.returncode else f"exit {done.returncode}"


def _is_magenta(path: Path) -> bool:
    """The color of the canary that is a video."""
    with Image.open(path) as image:
        red, green, blue = image.convert("RGB").resize((1, 1)).tobytes()
    return red > 200 and blue > 200 and green < 60


def try_one(sandbox: Sandbox, file: Hostile, folder: Path, token: bytes) -> Outcome:
    made_in = folder / "out"
    made_in.mkdir(parents=True)
    source = folder / "source"
    source.write_bytes(file.body)
    outcome, begun = Outcome(file, "ready"), time.monotonic()
    try:
        outputs = go_through(sandbox, source, made_in)
        outcome.seconds = time.monotonic() - begun
        outcome.detail = decode(sandbox, outputs)
        if outcome.detail:
            outcome.code = "broken"
    except MediaError as error:
        outcome.seconds = time.monotonic() - begun
        outcome.code, outcome.detail = error.code, error.detail
    except Exception as error:
        outcome.seconds = time.monotonic() - begun
        outcome.code, outcome.detail = f"escaped: {type(error).__name__}", repr(error)
    for path in (path for path in folder.rglob("*") if path.is_file() and path != source):
        outcome.disk_bytes += path.stat().st_size
        if token in path.read_bytes() or (path.suffix == ".jpg" and _is_magenta(path)):
            outcome.escapes.append(f"{path.name} has the canary")
    if token.decode() in outcome.detail:
        outcome.escapes.append("the canary in the detail")
    shutil.rmtree(folder)
    return outcome


@dataclass
class Night:
    """What became of all files, and what the machine has seen meanwhile."""

    outcomes: list[Outcome]
    meter: Meter
    sprung: list[str]
    alive: list[int]


def send_through(level: str, traps: Traps, jobs: Path, files: list[Hostile]) -> Night:
    sandbox, meter = choose(level), Meter(jobs)
    meter.start()
    with ThreadPoolExecutor(2) as pool:
        numbered = enumerate(files)
        work = lambda one: try_one(sandbox, one[1], jobs / f"{one[0]:04}", traps.token.encode())  # noqa: E731
        outcomes = list(pool.map(work, numbered))
    meter.stop()
    print(level, len(outcomes), "files:", dict(Counter(each.code for each in outcomes).most_common()))
    return Night(outcomes, meter, traps.sprung(), meter.alive())


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    beside = tmp_path_factory.mktemp("jobs")
    found = Traps(tmp_path_factory.mktemp("outside"), beside)
    yield found
    found.close()


@pytest.fixture(scope="module", params=["bubblewrap", "prlimit"])
def night(request: pytest.FixtureRequest, traps: Traps) -> Night:
    """All of them in the sandbox; where there are only limits, the ones that name what must not be touched."""
    files = corpus(traps.targets, FILES)
    if request.param == "prlimit":
        files = [file for file in files if file.lures][::2]
    return send_through(request.param, traps, traps.clip.parent, files)


def test_the_traps_spring(traps: Traps) -> None:
    """Without any protection ffmpeg does open and ask: else the silence of the traps would mean nothing."""
    traps.sprung()
    playlist = traps.clip.parent / "list.m3u8"
    for way, noticed in {"clip": "a canary", "http": "a connection"}.items():
        playlist.write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\n{traps.targets.names[way]}\n#EXT-X-ENDLIST\n"
        )
        command = ["ffprobe", "-v", "quiet", "-protocol_whitelist", "file,http,tcp"]
        with suppress(subprocess.TimeoutExpired):  # the listener never answers
            subprocess.run([*command, "-i", str(playlist)], capture_output=True, check=False, timeout=5)
        assert any(each.startswith(noticed) for each in traps.sprung())


def test_nothing_outside_is_read_and_nobody_is_asked(night: Night) -> None:
    assert night.sprung == []
    assert [(each.file.name, each.escapes) for each in night.outcomes if each.escapes] == []


def test_each_is_playable_or_ends_with_a_named_code(night: Night) -> None:
    odd = [(o.file.name, o.code, o.detail[:200]) for o in night.outcomes if o.code not in ("ready", *FAILURES)]
    assert odd == []
    assert Counter(each.code for each in night.outcomes)["internal"] == 0


def test_each_is_bounded_in_time_memory_and_disk(night: Night) -> None:
    slow = [(o.file.name, o.seconds) for o in night.outcomes if o.seconds > MOST_WALL_SECONDS and o.code != "stalled"]
    assert slow == []
    # The watchdog's own minute, and no more of them than are known: a packet a year late.
    stalled = [each for each in night.outcomes if each.code == "stalled"]
    assert [each.file.name for each in stalled if each.seconds > 75] == []
    assert len(stalled) <= MOST_STALLED
    assert night.meter.memory, "the meter must have seen something"
    name = lambda job: night.outcomes[int(job)].file.name  # noqa: E731
    jobs = {job for job in night.meter.memory if job.isdigit()}
    assert {name(job): n for job in jobs if (n := night.meter.memory[job]) > MOST_MEMORY_BYTES} == {}
    assert {name(job): n for job in jobs if (n := night.meter.cpu[job]) > MOST_CPU_SECONDS} == {}
    assert [(o.file.name, o.disk_bytes) for o in night.outcomes if o.disk_bytes > MOST_DISK_BYTES] == []


def test_nothing_is_left_behind(night: Night, traps: Traps) -> None:
    assert night.alive == []
    left = {path.name for path in traps.clip.parent.iterdir()}
    assert left <= {"canary.mp4", "canary.txt", "list.m3u8"}


@pytest.mark.parametrize(
    "name", ["text/zip", "tables/edits-loop", "clocks/gap-in-2-20000", "shapes/h264-16384", "pictures/png-ftyp"]
)
def test_the_jobs_end_as_this_test_does(name: str, processed: Any, traps: Traps, tmp_path: Path) -> None:
    (file,) = (each for each in corpus(traps.targets, 520) if each.name == name)
    made = processed(file.body)
    ended = made["failure"]["code"] if made["failure"] else made["media"]
    assert ended == try_one(choose("bubblewrap"), file, tmp_path / "job", traps.token.encode()).code
