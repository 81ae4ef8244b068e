"""The command line: serve, worker, init, demo, doctor, reconcile, export, import, user, token."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from testimonials.errors import AppError
from testimonials.runtime import Runtime, open_runtime
from testimonials.settings import PREFIX, load

_DATA = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the embedded profile.",
)


def _command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Takes `--data`, hands a runtime over, and turns every named error into one line and exit 1."""

    @_DATA
    @wraps(function)
    def wrapped(data_dir: Path | None, **options: Any) -> Any:
        try:
            return function(_open(data_dir), **options)
        except AppError as error:
            raise click.ClickException(error.detail) from error

    return wrapped


def _open(data_dir: Path | None) -> Runtime:
    settings = load(data_dir=data_dir)
    # Children (web workers, the Celery worker) read the environment: they must come to the same settings.
    os.environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir)
    return open_runtime(settings)


@click.group()
@click.version_option(package_name="testimonials")
def main() -> None:
    """Collect, show and share video testimonials on your own machines."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--worker/--no-worker", "with_worker", default=None, help="Default: where the broker is a folder.")
@_DATA
def serve(host: str, port: int, with_worker: bool | None, data_dir: Path | None) -> None:
    """Web server and embedded worker in one command. Creates and migrates what it needs."""
    from testimonials.serve import serve as run

    _run_server(lambda: run(data_dir, host=host, port=port, with_worker=with_worker))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@_DATA
def demo(host: str, port: int, data_dir: Path | None) -> None:
    """`serve` with a workspace, a campaign, a widget, a sample host page on another port, and real clips."""
    from testimonials.demo.run import demo as run

    _run_server(lambda: run(data_dir, host=host, port=port))


@main.command()
@click.option(
    "--lane", type=click.Choice(["media", "small"]), help="Serve one queue only. Default: a process for each."
)
@_command
def worker(runtime: Runtime, lane: str | None) -> None:
    """Workers alone, for the scaled profile. Runs until SIGTERM."""
    from testimonials.serve import LANES, work

    runtime.db.close()
    sys.exit(work((lane,) if lane else LANES))


@main.command()
@click.option("--email", default="owner@localhost", show_default=True, help="Address of the first owner.")
@click.option("--workspace", default="My workspace", show_default=True)
@_command
def init(runtime: Runtime, email: str, workspace: str) -> None:
    """Create or migrate the database, make the first owner, and print a link that signs in once."""
    from testimonials.services import accounts
    from testimonials.upkeep.setup import prepare

    owner = prepare(runtime, email=email, workspace=workspace)
    click.echo(f"Sign in once with {accounts.sign_in_link(runtime, owner)}")


@main.command()
@_command
def doctor(runtime: Runtime) -> None:
    """Look at everything the house stands on. Exits 1 where something is wrong, and says what to do."""
    from testimonials.upkeep.doctor import examine

    checks = examine(runtime)
    for check in checks:
        click.echo(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.found}")
        if not check.ok:
            click.echo(f"     → {check.remedy}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


@main.command()
@click.option("--storage", is_flag=True, help="Also delete objects that no row names.")
@_command
def reconcile(runtime: Runtime, storage: bool) -> None:
    """Send waiting jobs again, take over dead leases, expire idle uploads."""
    from testimonials.upkeep.maintenance import reconcile as put_in_order

    done = put_in_order(runtime, storage=storage)
    click.echo(f"{done.nudged} jobs sent, {done.expired} uploads expired, {done.orphans} orphans deleted")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_command
def export(runtime: Runtime, file: Path) -> None:
    """Write everything into FILE: all rows, and the clips as they were sent and as they are shown."""
    from testimonials.upkeep.exporting import export as write

    done = write(runtime, file, _progress)
    click.echo(f"Wrote {file}: {done.testimonials} testimonials, {done.objects} files, {done.size_bytes / 1e6:,.1f} MB")
    if done.missing:
        click.echo(f"{done.missing} files that rows name were not in the storage, and are not in it.", err=True)
    click.echo("It holds personal data, and not the secret key: keep both, and not in the same place.", err=True)


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--new-key", is_flag=True, help="The old secret key is lost: drop what only it opens.")
@_command
def import_(runtime: Runtime, file: Path, new_key: bool) -> None:
    """Read FILE, which `export` has written, into an empty folder or database."""
    from testimonials.upkeep.importing import import_ as read

    done = read(runtime, file, new_key=new_key, heard=_progress)
    click.echo(f"Read {file}: {done.testimonials} testimonials, {done.objects} files")
    if done.authenticators:
        click.echo(f"{done.authenticators} members have to set up their authenticator again.", err=True)


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty() and done % 20 == 0:
        click.echo(f"\r{done} of {of} files\r", nl=False, err=True)


@main.group()
def user() -> None:
    """Members of the workspace."""


@user.command("add")
@click.argument("email")
@click.option("--role", default="moderator", show_default=True, help="owner, editor, moderator or viewer")
@_command
def user_add(runtime: Runtime, email: str, role: str) -> None:
    """Add a member and print a link that signs in once."""
    from testimonials.services import accounts

    member = accounts.add_member(runtime, _workspace(runtime), email=email, role=role)
    click.echo(f"{email} may sign in once with {accounts.sign_in_link(runtime, member)}")


@main.group()
def token() -> None:
    """Bearer tokens of the JSON API."""


@token.command("add")
@click.argument("name")
@_command
def token_add(runtime: Runtime, name: str) -> None:
    """Make a token and print it once, as the last word."""
    from testimonials.services import accounts

    click.echo(f"Keep this token, it is shown only now: {accounts.add_token(runtime, _workspace(runtime), name=name)}")


def _workspace(runtime: Runtime) -> str:
    from testimonials.services import accounts
    from testimonials.upkeep.setup import prepare

    found = accounts.first_workspace(runtime) if not _is_empty(runtime) else None
    if found is None:
        prepare(runtime)
        found = accounts.first_workspace(runtime)
    assert found is not None  # noqa: S101 - prepare has just made it
    return found


def _is_empty(runtime: Runtime) -> bool:
    from testimonials import migrations

    return migrations.pending(runtime.db)


def _run_server(run: Callable[[], int]) -> None:
    try:
        code = run()
    except AppError as error:
        raise click.ClickException(error.detail) from error
    sys.exit(code)
