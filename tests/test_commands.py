"""The command line as an operator uses it: one clear line, and exit codes that scripts can trust."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from testimonials.runtime import Runtime
from tests.installation import COMMAND, Installation, embedded


def run(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments, "--data", str(data)],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_init_makes_everything_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        done = run(tmp_path, "init")
        assert done.returncode == 0, done.stderr
        assert "/sign-in/" in done.stdout


def test_the_token_is_the_last_word(tmp_path: Path) -> None:
    done = run(tmp_path, "token", "add", "ci")
    assert done.returncode == 0
    assert done.stdout.split()[-1].startswith("tml_")


def test_members_are_added_once(tmp_path: Path) -> None:
    assert "/sign-in/" in run(tmp_path, "user", "add", "m@example.org", "--role", "moderator").stdout
    again = run(tmp_path, "user", "add", "m@example.org")
    assert (again.returncode, again.stderr.strip()) == (1, "Error: There is a member with this e-mail address already.")
    assert run(tmp_path, "user", "add", "x@example.org", "--role", "king").returncode == 1


def test_a_wrong_setting_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    done = run(tmp_path, "init", TESTIMONIALS_TYPO="x")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "Error: TESTIMONIALS_TYPO is not a setting. docs/settings.md lists them all."


def test_a_taken_port_is_said_before_anything_is_set_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(tmp_path / "new", "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Choose another with --port" in done.stderr
    assert not (tmp_path / "new").exists()


def test_doctor_names_the_remedy(tmp_path: Path) -> None:
    run(tmp_path, "init")
    done = run(tmp_path, "doctor")
    assert done.returncode == 1, "there is no worker"
    assert "FAIL worker" in done.stdout
    assert "testimonials serve" in done.stdout
    broken = run(
        tmp_path, "doctor", TESTIMONIALS_BROKER_URL="redis://127.0.0.1:9/0", TESTIMONIALS_STORAGE_URL="file:///proc/x"
    )
    assert "FAIL storage" in broken.stdout
    assert "FAIL broker" in broken.stdout


def test_a_house_is_exported_and_imported(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "all.zip"
    empty = run(here, "export", str(file))
    assert (empty.returncode, empty.stderr.count("\n"), file.exists()) == (1, 1, False), "there is nothing yet"
    run(here, "user", "add", "m@example.org")
    done = run(here, "export", str(file))
    assert (done.returncode, done.stdout.split(":")[0]) == (0, f"Wrote {file}")
    assert "not the secret key" in done.stderr
    refused = run(there, "import", str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "secret.key" in refused.stderr
    (there / "secret.key").write_bytes((here / "secret.key").read_bytes())
    assert run(there, "import", str(file)).returncode == 0
    assert "There is a member with this" in run(there, "user", "add", "m@example.org").stderr
    again = run(there, "import", str(file))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


@pytest.mark.media
def test_a_running_house_is_healthy(tmp_path: Path) -> None:
    with embedded(tmp_path) as installation:
        said = installation.command("doctor", "--data", str(tmp_path))
        assert "FAIL" not in said
        assert httpx.get(f"{installation.base}/healthz").json()["status"] == "alive"
        assert "0 orphans" in installation.command("reconcile", "--storage")
        checks_readiness_follows_the_worker(installation)


def checks_readiness_follows_the_worker(installation: Installation) -> None:
    ready = httpx.get(f"{installation.base}/readyz").json()
    assert ready == {"ready": True, "checks": {"database": True, "storage": True, "worker": True}}


def test_reconcile_deletes_what_no_row_names(runtime: Runtime, tmp_path: Path) -> None:
    from testimonials.upkeep.maintenance import reconcile

    for key in ("uploads/0123/0-ab", "testimonials/0123/720-ab.mp4"):
        path = tmp_path / "orphan"
        path.write_bytes(b"x")
        runtime.storage.save(key, path, "video/mp4")
    assert reconcile(runtime).orphans == 0
    assert reconcile(runtime, storage=True).orphans == 2
    assert list(runtime.storage.keys("")) == []
