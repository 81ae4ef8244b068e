"""Who reads what is shared: people with browsers of their own, and the programs that come before them."""

from __future__ import annotations

from typing import Any

from flask import Flask

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOTS = [
    "Twitterbot/1.0", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "TelegramBot (like TwitterBot)", "LinkedInBot/1.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "curl/8.5.0", "python-requests/2.32", "",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36", "SkypeUriPreview Preview/0.5",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)", "Bluesky Cardyb/1.1",
    "Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.social/)", "Mozilla/5.0 (compatible; Applebot/0.1)",
]  # fmt: skip


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
