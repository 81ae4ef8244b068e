"""Settings: strict, from the environment or files, and no secret that anybody could guess."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from testimonials.errors import ConfigurationError
from testimonials.settings import load


def test_without_anything_it_is_the_embedded_profile(tmp_path: Path) -> None:
    settings = load({}, data_dir=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/testimonials.db"
    assert settings.embedded_broker
    assert settings.storage_url == f"file://{tmp_path}/storage"


def test_the_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first = load({}, data_dir=tmp_path).secret_key
    assert len(first) >= 32
    assert load({}, data_dir=tmp_path).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert load({}, data_dir=tmp_path / "other").secret_key != first


def test_a_file_can_hold_a_value(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    assert load({"TESTIMONIALS_SECRET_KEY_FILE": str(tmp_path / "key")}, data_dir=tmp_path).secret_key == "k" * 40


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"TESTIMONIALS_DATABSE_URL": "x"}, "TESTIMONIALS_DATABSE_URL is not a setting"),
        ({"TESTIMONIALS_SECRET_KEY": "short"}, "too short"),
        ({"TESTIMONIALS_SECRET_KEY_FILE": "/nowhere/at/all"}, "cannot be read"),
        ({"TESTIMONIALS_MAX_UPLOAD_BYTES": "2 GB"}, "TESTIMONIALS_MAX_UPLOAD_BYTES"),
        ({"TESTIMONIALS_MAX_UPLOAD_BYTES": "-1"}, "from 0"),
        ({"TESTIMONIALS_SANDBOX": "none"}, "one of auto"),
        ({"TESTIMONIALS_SMTP_URL": "smtp://mail.example"}, "needs TESTIMONIALS_MAIL_FROM"),
        (
            {"TESTIMONIALS_SMTP_URL": "smtp://me:secret@mail.example"},
            "cannot be used: the password would go unencrypted",
        ),
        ({"TESTIMONIALS_MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "expected `Name <address>`"),
        ({"TESTIMONIALS_SECRET_KEY": "k" * 40, "TESTIMONIALS_SECRET_KEY_FILE": os.devnull}, "given twice"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load(environment, data_dir=tmp_path)


def test_a_password_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load({"TESTIMONIALS_SMTP_URL": "smtp://me:secret@mail.example"}, data_dir=tmp_path)
    assert "secret" not in str(refused.value)
