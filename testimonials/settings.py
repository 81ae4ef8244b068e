"""Settings: one frozen object, read once from the environment. Unknown `TESTIMONIALS_*` names fail, so typos are found.

Each name may also be given as `NAME_FILE`, the path of a file that holds the value (for secrets). The table in
docs/settings.md is checked against `FIELDS` by a test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from testimonials.domain import mail
from testimonials.errors import ConfigurationError

PREFIX = "TESTIMONIALS_"


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected yes or no")


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("expected a number from 0")
    return number


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}")
        return text

    return parse


def _web_address(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address that begins with https://")


def _checked(parse: Callable[[str], object]) -> Callable[[str], str]:
    """The text itself, if it is empty or can be parsed: secrets stay in one place, and mistakes are found at the start."""

    def check(text: str) -> str:
        if text:
            parse(text)
        return text

    return check


def _issuer(text: str) -> None:
    parts = urlsplit(text)
    _web_address(text)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("expected https://, as it says who somebody is")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation may set. Defaults are the embedded profile: one folder, no other server."""

    data_dir: Path
    database_url: str
    broker_url: str
    storage_url: str
    base_url: str
    secret_key: str
    max_upload_bytes: int = 2 * 1024**3
    max_duration_seconds: int = 600
    upload_expiry_hours: int = 24
    limit_uploads: int = 300
    limit_open_uploads: int = 100
    limit_upload_bytes: int = 50 * 1024**3
    limit_submissions: int = 120
    limit_events: int = 3000
    limit_shares: int = 600
    job_lease_seconds: int = 30
    job_max_attempts: int = 4
    worker_concurrency: int = 1
    sandbox: str = "auto"
    av1: bool = False
    recognizer: str = "default"
    trusted_proxies: int = 0
    web_threads: int = 64
    metrics_token: str = ""
    feed_url: str = ""
    purge_url: str = ""
    purge_token: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_domains: str = ""
    oidc_name: str = "Company sign-in"
    smtp_url: str = ""
    mail_from: str = ""
    log_level: str = "INFO"

    @property
    def embedded_broker(self) -> bool:
        """True where Celery talks through a folder, so that `serve` has to start the worker itself."""
        return self.broker_url.startswith("filesystem:")

    @property
    def scratch_dir(self) -> Path:
        """Where bodies and jobs keep their temporary files; swept at worker start."""
        return self.data_dir / "scratch"


PARSERS: dict[str, Callable[[str], Any]] = {
    "data_dir": Path,
    "max_upload_bytes": _whole,
    "max_duration_seconds": _whole,
    "upload_expiry_hours": _whole,
    "limit_uploads": _whole,
    "limit_open_uploads": _whole,
    "limit_upload_bytes": _whole,
    "limit_submissions": _whole,
    "limit_events": _whole,
    "limit_shares": _whole,
    "job_lease_seconds": _whole,
    "job_max_attempts": _whole,
    "worker_concurrency": _whole,
    "av1": _flag,
    "sandbox": _one_of("auto", "bubblewrap", "prlimit"),
    "trusted_proxies": _whole,
    "feed_url": _checked(_web_address),
    "purge_url": _checked(_web_address),
    "oidc_issuer": _checked(_issuer),
    "smtp_url": _checked(mail.parse_server),
    "mail_from": _checked(mail.parse_mailbox),
    "web_threads": _whole,
    "log_level": _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
}
SECRET = frozenset({"smtp_url", "purge_url", "purge_token"})
"""May hold a password, so a message never repeats it."""
FIELDS = tuple(field.name for field in fields(Settings))
NAMES = tuple(PREFIX + name.upper() for name in FIELDS)


def load(environ: Mapping[str, str] | None = None, *, data_dir: Path | None = None) -> Settings:
    """Read the settings; `data_dir` (from `--data`) wins over the environment.

    Secrets that are not given are generated once in the data folder, mode 0600. There is no default secret.
    """
    values = _read(os.environ if environ is None else environ)
    if data_dir is not None:
        values["data_dir"] = str(data_dir)
    folder = Path(values.get("data_dir") or "data").resolve()
    values["data_dir"] = str(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values.setdefault("database_url", f"sqlite:///{folder / 'testimonials.db'}")
    values.setdefault("broker_url", f"filesystem://{folder / 'queue'}")
    values.setdefault("storage_url", f"file://{folder / 'storage'}")
    values.setdefault("base_url", "http://127.0.0.1:8000")
    for name in ("base_url", "feed_url"):
        values[name] = values.get(name, "").rstrip("/")
    if not values.get("secret_key"):
        values["secret_key"] = generated_secret(folder / "secret.key")
    if len(values["secret_key"]) < 32:
        raise ConfigurationError(f"{PREFIX}SECRET_KEY is too short: give at least 32 characters, or leave it out.")
    settings = Settings(**{name: _parse(name, text) for name, text in values.items()})
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise ConfigurationError(f"{PREFIX}OIDC_ISSUER needs {PREFIX}OIDC_CLIENT_ID beside it: who we are over there.")
    if settings.smtp_url and not settings.mail_from:
        raise ConfigurationError(f"{PREFIX}SMTP_URL needs {PREFIX}MAIL_FROM beside it: who the mail is from.")
    if settings.purge_url and not settings.feed_url:
        raise ConfigurationError(f"{PREFIX}PURGE_URL needs {PREFIX}FEED_URL beside it: what is served from there.")
    return settings


def generated_secret(path: Path) -> str:
    """The secret kept in `path`, made at the first call. Processes that start together agree on one."""
    import secrets
    import tempfile

    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix="secret-") as draft:  # made with mode 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            # A link appears whole or not at all, and only the first one does.
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text().strip()


def _read(environ: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, given in environ.items():
        if not key.startswith(PREFIX):
            continue
        name, text = key.removeprefix(PREFIX).lower(), given
        if name not in FIELDS and name.endswith("_file"):
            name = name.removesuffix("_file")
            text = _from_file(key, Path(given))
        if name not in FIELDS:
            raise ConfigurationError(f"{key} is not a setting. docs/settings.md lists them all.")
        if name in values:
            raise ConfigurationError(f"{PREFIX}{name.upper()} is given twice: directly and as a file. Keep one.")
        values[name] = text
    return values


def _from_file(key: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"{key} names {path}, which cannot be read: {error.strerror}.") from error


def _parse(name: str, text: str) -> Any:
    try:
        return PARSERS.get(name, str)(text)
    except ValueError as error:
        if name in SECRET:
            raise ConfigurationError(f"{PREFIX}{name.upper()} cannot be used: {error}.") from None
        raise ConfigurationError(f"{PREFIX}{name.upper()} is {text!r}: {error}.") from error
