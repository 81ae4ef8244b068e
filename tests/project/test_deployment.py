"""The image and the scaled profile: nothing runs as root, secrets come from files, and names fit the settings."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("init", "web", "worker")
NAME = re.compile(r"\bTESTIMONIALS_[A-Z][A-Z_]*\b")
SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "KEY", "CREDENTIALS")


def instructions() -> Iterator[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, with comments dropped and continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def all_of(word: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == word]


def test_image_does_not_run_as_root() -> None:
    user = all_of("USER")[-1]
    assert user.partition(":")[0] not in {"root", "0"}
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("CMD")
    assert "COPY" not in words[words.index("USER") :], "what the process may not change is copied before USER"


def test_image_is_set_up_by_the_same_script_and_pins_as_a_developer_machine() -> None:
    commands = " && ".join(all_of("RUN"))
    assert ".ci/setup system run" in commands
    assert re.search(r"\.ci/setup run\b", commands)
    assert "pip install" not in commands
    assert "apt-get" not in commands
    assert ".ci/constraints.txt" in all_of("COPY")[0].split()


def test_image_says_whether_it_is_alive() -> None:
    options, _, command = all_of("HEALTHCHECK")[0].partition("CMD ")
    assert "--interval" in options
    program, flag, code = json.loads(command)
    assert (program, flag) == ("python", "-c")
    assert "/healthz" in code
    compile(code, "healthcheck", "exec")


def test_image_gets_signals_itself() -> None:
    """The exec form: with a shell between, SIGTERM would not arrive."""
    assert json.loads(all_of("CMD")[0]) == ["testimonials", "serve", "--host", "0.0.0.0"]


def test_everything_that_is_copied_passes_the_ignore_file() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {source for copy in all_of("COPY") for source in shlex.split(copy)[:-1]}
    assert copied == kept
    assert all((ROOT / source).exists() for source in copied)


@pytest.mark.parametrize("file", ["compose.yaml", "Dockerfile"])
def test_every_setting_named_is_one_that_exists(file: str) -> None:
    from testimonials.settings import NAMES

    known = {*NAMES, *(f"{name}_FILE" for name in NAMES)}
    assert set(NAME.findall((ROOT / file).read_text())) <= known


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_fenced_in(service: str) -> None:
    options = SERVICES[service]
    assert options["read_only"] is True
    assert options["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in options["security_opt"]
    assert not options.get("privileged")
    assert options.get("user") not in {"root", "0"}
    # Celery stalls for an hour on Docker's default of a billion descriptors.
    assert options["ulimits"]["nofile"]["hard"] <= 65_536


@pytest.mark.parametrize("service", SERVICES)
def test_services_that_stay_have_a_health_check(service: str) -> None:
    check = SERVICES[service].get("healthcheck")
    if service == "web":
        assert check is None, "the image's own"
    elif service == "init":
        assert check == {"disable": True}
    else:
        assert check is not None
        assert check["test"][0] == "CMD"


def test_worker_is_healthy_by_its_own_heartbeat_only(tmp_path: Path) -> None:
    from testimonials import migrations
    from testimonials.runtime import open_runtime
    from testimonials.settings import load
    from testimonials.upkeep import operations

    runtime = open_runtime(load({}, data_dir=tmp_path))
    migrations.upgrade(runtime.db)
    word, program, *arguments = SERVICES["worker"]["healthcheck"]["test"]
    assert (word, program) == ("CMD", "python")
    environment = {"TESTIMONIALS_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}

    def healthy_with(name: str) -> bool:
        operations.beat(runtime, name=name, sandbox="prlimit", ffmpeg="5.1")
        command = [sys.executable, *arguments]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert ended.stderr == ""
        return ended.returncode == 0

    assert not healthy_with("another-container-7")
    assert healthy_with(f"{socket.gethostname()}-1")
    runtime.db.close()


def test_services_start_after_what_they_need_is_healthy() -> None:
    for service in OURS:
        for other, condition in SERVICES[service]["depends_on"].items():
            wanted = "service_completed_successfully" if other == "init" else "service_healthy"
            assert condition == {"condition": wanted}
    assert SERVICES["web"]["depends_on"].keys() >= {"init", "postgres", "redis", "s3"}


def test_only_the_web_can_be_reached_and_only_on_loopback_unless_told() -> None:
    published = {name: options["ports"] for name, options in SERVICES.items() if "ports" in options}
    assert published == {"web": ["${PUBLISH:-127.0.0.1:8000}:8000"]}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["worker"]["networks"] == ["inside"]


def test_redis_refuses_rather_than_drops_jobs() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def environment() -> Iterator[tuple[str, str]]:
    for options in SERVICES.values():
        yield from ((name, str(value)) for name, value in options.get("environment", {}).items())
    for pairs in all_of("ENV"):
        yield from (tuple(pair.split("=", 1)) for pair in shlex.split(pairs))  # type: ignore[misc]


def test_no_secret_is_written_down() -> None:
    for name, value in environment():
        assert not re.search(r"://[^/@\s]*:[^/@\s]+@", value), f"{name} holds a password"
        if any(word in name for word in SECRET_WORDS):
            assert name.endswith("_FILE"), f"{name} has to come from a file"
            assert value.startswith("/run/secrets/")


def test_secrets_that_are_used_are_declared_and_written_by_make() -> None:
    used = {secret for options in SERVICES.values() for secret in options.get("secrets", [])}
    assert used == COMPOSE["secrets"].keys()
    makefile = (ROOT / "Makefile").read_text()
    for name, source in COMPOSE["secrets"].items():
        assert source == {"file": f"./data/secrets/{name}"}
        assert re.search(rf"> {name}\b", makefile)
    mounted = {value for _, value in environment() if value.startswith("/run/secrets/")}
    assert {Path(path).name for path in mounted} <= used
