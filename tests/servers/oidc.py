"""A certified OpenID Connect provider (npm `oidc-provider`) on a free port. Whoever signs in there is whom they say."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.servers.ports import free_ports
from widgets import npm

PACKAGE = "oidc-provider@9.13.3"
FOLDER = npm.BUILD / "oidc-provider"
CLIENT, SECRET = "testimonials", "a-secret-of-the-tests-only"
# Claims go into the ID token, as most companies' providers do it. An address that begins so was never verified.
SCRIPT = """
const [port, back, client_id, client_secret] = process.argv.slice(1);
const { Provider } = await import("oidc-provider");
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id, client_secret, redirect_uris: [back] }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["tests"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id.replace("second-", ""), email_verified: !id.startsWith("unverified"), name: "Ada" }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
"""


@dataclass(frozen=True)
class Provider:
    """Where it is, and how a person gets from our redirect back to us."""

    issuer: str

    def sign_in(self, address: str, who: str) -> str:
        """What a person does there: name themselves, agree. Returns the address that leads back to us."""
        with httpx.Client(base_url=self.issuer) as browser:
            answer = browser.get(address)
            while True:
                target = answer.headers["Location"]
                if not target.startswith((self.issuer, "/")):
                    return target
                if "/interaction/" not in target:
                    answer = browser.get(target)
                    continue
                asks_for = "login" if 'name="login"' in browser.get(target).text else "consent"
                answer = browser.post(target, data={"prompt": asks_for, "login": who, "password": "any"})


@contextmanager
def provider(back: str) -> Iterator[Provider]:
    """`back` is the address that it leads to after signing in."""
    npm.install(FOLDER.name, PACKAGE)
    port = free_ports()
    command = [npm.node(), "--input-type=module", "-e", SCRIPT, str(port), back, CLIENT, SECRET]
    process = subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        assert any(line.strip() == "ready" for line in process.stdout), "the provider did not start"
        yield Provider(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
