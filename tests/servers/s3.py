"""A real S3: Ceph's RADOS gateway, one node, in memory. It checks signatures, expiry and conditions."""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import boto3
from botocore.config import Config

from tests.servers import guard
from tests.servers.server import Server, ServerMissingError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

REGION = "us-east-1"
SCRIPT = Path(__file__).with_name("start_s3.sh")
PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")


class S3Server(Server):
    """`kill` and `pause` hit the gateway only, the door clients know: after `restart` all is there."""

    name = "s3"
    ports = 3  # the gateway's and the monitor's two
    end_signal = signal.SIGKILL  # its orderly end takes 5 s and would save what nobody reads again

    @classmethod
    def check_installed(cls) -> None:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise ServerMissingError(
                f"No real S3 here, {', '.join(missing)} missing: "
                "run .ci/setup test on Debian or Ubuntu; Homebrew has no Ceph."
            )

    def prepare(self) -> None:
        self.access_key = f"test{secrets.token_hex(6)}"
        self.secret_key = secrets.token_hex(20)

    def launch(self) -> None:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
        }
        with (self.folder / "server.log").open("ab") as log:
            subprocess.run(
                [SCRIPT, self.folder, str(self.port)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )
        if not self._gateway():
            raise RuntimeError(f"The S3 server did not start on port {self.port}:\n{self.log_tail()}")

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            return False
        finally:
            connection.close()
        return True

    def kill(self) -> None:
        gateway = self._gateway()
        guard.signal_all(gateway, signal.SIGKILL)
        guard.wait_until_gone(gateway, guard.PATIENCE_SECONDS)

    def pause(self) -> None:
        guard.signal_all(self._gateway(), signal.SIGSTOP)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return self.endpoint

    @property
    def environment(self) -> dict[str, str]:
        """The variables in which an S3 client looks for its credentials."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    def storage_url(self, bucket: str, *, prefix: str = "prefix") -> str:
        """What TESTIMONIALS_STORAGE_URL takes, for a bucket that exists (made at the first call)."""
        client = self.client()
        try:
            client.create_bucket(Bucket=bucket)
        finally:
            client.close()
        return f"s3://{bucket}/{prefix}?{urlencode({'endpoint': self.endpoint, 'region': REGION}, safe=':/')}"

    def client(self, *, secret_key: str | None = None) -> S3Client:
        """A client of our own; the caller closes it."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                connect_timeout=2,
                read_timeout=10,
            ),
        )

    def _gateway(self) -> list[int]:
        return list(guard.recorded(self.folder, "rgw.pid"))
