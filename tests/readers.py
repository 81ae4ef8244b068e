"""Who reads what is shared: people with browsers of their own, and the programs that come before them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_AGENTS = Path(__file__).with_name("agents")
# As they introduce themselves, recorded from logs and from their owners' own pages; the last two say nothing at all.
BOTS = [*(_AGENTS / "programs.txt").read_text().splitlines(), "", " "]
# In browsers of their own, and in those inside of apps that have bots of a similar name.
PEOPLE = (_AGENTS / "people.txt").read_text().splitlines()


class Reader:
    """Somebody with a browser of their own at an address of their own."""

    def __init__(self, app: Flask, address: str, agent: str = CHROME, **headers: str) -> None:
        self.client = app.test_client()
        self.client.environ_base = {"REMOTE_ADDR": address}
        self.headers = {"User-Agent": agent, **headers}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**self.headers, **headers})

    def share(self, token: str, network: str = "copy", via: str | None = None) -> str:
        body = {"network": network, "place": "page", "via": via}
        answer = self.client.post(f"/t/{token}/shares", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json["url"]).rsplit("/", 1)[1]

    def beacon(self, token: str, code: str, nonce: str, act: str = "visit") -> int:
        body = {"via": code, "nonce": nonce, "act": act}
        return int(self.client.post(f"/t/{token}/visits", json=body, headers=self.headers).status_code)
