"""What a decoder could do if a hostile file took it over: next to nothing."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from testimonials.errors import ConfigurationError, MediaError
from workers.media.ffmpeg import run
from workers.media.sandbox import Limits, Sandbox, choose

pytestmark = pytest.mark.media
LIMITS = Limits(cpu_seconds=10)


@pytest.fixture(scope="module")
def bubblewrap() -> Sandbox:
    try:
        return choose("bubblewrap")
    except ConfigurationError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"bubblewrap does not work here: {error.detail}")


def inside(sandbox: Sandbox, script: str, *, reads: tuple[Path, ...] = (), writes: Path | None = None) -> str:
    """What a shell script prints inside."""
    command = sandbox.wrap(["sh", "-c", script], reads=list(reads), writes=writes, limits=LIMITS)
    return run(command, timeout=20).decode()


def test_only_what_was_named_can_be_read_and_written(bubblewrap: Sandbox, tmp_path: Path) -> None:
    source, secret, out = tmp_path / "in" / "source", tmp_path / "secret", tmp_path / "out"
    for folder in (source.parent, out):
        folder.mkdir()
    source.write_text("source")
    secret.write_text("secret")
    attempts = f"""
        cat {source}; cat {secret} /etc/passwd /etc/shadow && echo READ
        for place in {source} / /tmp /dev/shm /usr {tmp_path}; do echo x > $place/new && echo WROTE $place; done
        echo made > {out}/made
    """
    said = inside(bubblewrap, f"({attempts}) 2>/dev/null; true", reads=(source,), writes=out)
    assert said == "source"
    assert (out / "made").read_text() == "made\n"
    assert source.read_text() == "source"


def test_no_secret_of_ours_can_be_read(bubblewrap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTIMONIALS_SECRET_KEY", "the-secret-of-the-house")
    everything = "cat /proc/*/environ 2>/dev/null; env; true"
    assert "the-secret" not in inside(bubblewrap, everything)
    assert "the-secret" not in inside(Sandbox("prlimit"), "env; cat /proc/self/environ")


def test_there_is_no_network(bubblewrap: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        command = f"ffmpeg -v error -i http://127.0.0.1:{port}/x -f null - 2>&1; true"
        inside(bubblewrap, command)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_processes_are_bounded(bubblewrap: Sandbox) -> None:
    said = inside(bubblewrap, "for n in $(seq 1500); do sleep 3 & done 2>/dev/null; jobs | wc -l")
    assert said == "" or int(said) < 1100


def test_time_is_bounded(bubblewrap: Sandbox) -> None:
    with pytest.raises(MediaError) as ended:
        run(bubblewrap.wrap(["sleep", "60"], reads=[], writes=None, limits=LIMITS), timeout=1)
    assert (ended.value.code, ended.value.permanent) == ("timed_out", False)


def test_cpu_is_bounded(bubblewrap: Sandbox) -> None:
    spin = ["sh", "-c", "while :; do :; done"]
    with pytest.raises(MediaError) as ended:
        run(bubblewrap.wrap(spin, reads=[], writes=None, limits=Limits(cpu_seconds=1)), timeout=30)
    assert ended.value.code == "timed_out"


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        choose("bubblewrap-of-dreams")
