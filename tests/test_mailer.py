"""Handing mail over: encrypted, signed in, and never with a header that somebody has smuggled in."""

from __future__ import annotations

import dataclasses
import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from testimonials import mailer
from testimonials.domain.mail import Mailbox, parse_server
from testimonials.mailer import Envelope, MailError
from testimonials.models.base import now
from tests import post

ENVELOPE = Envelope(
    sender=Mailbox("A", "a@b.example"), recipient="c@d.example", subject="s", text="t", html="h", message_id="m"
)


def send(url: str) -> None:
    message = mailer.compose(ENVELOPE)
    mailer.send(parse_server(url), message, sender="a@b.example", recipient="c@d.example", hello="localhost")


@pytest.mark.parametrize("way", ["starttls", "smtps"])
def test_encrypted_and_signed_in(
    monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, ssl.SSLContext], way: str
) -> None:
    path, context = certificate
    given = {"starttls": context} if way == "starttls" else {"tls": context}
    with post.post_office(**given) as office:
        scheme, query = ("smtp", "?starttls=yes") if way == "starttls" else ("smtps", "")
        url = f"{scheme}://maya:open%20sesame@127.0.0.1:{office.port}{query}"
        with pytest.raises(MailError, match="CERTIFICATE_VERIFY_FAILED") as untrusted:
            send(url)
        assert (untrusted.value.away, untrusted.value.permanent) == (True, False)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        send(url)
        mailer.check(parse_server(url), hello="localhost")
        assert (len(office.raw), office.logins) == (1, [(b"maya", b"open sesame")] * 2)
        with pytest.raises(MailError, match="535") as refused:
            send(url.replace("open%20sesame", "guess"))
        assert refused.value.away, "a wrong password is no fault of the mail"
        assert len(office.raw) == 1


def test_nothing_goes_unencrypted_where_encryption_was_asked_for() -> None:
    with post.post_office() as office:
        with pytest.raises(MailError, match="STARTTLS") as refused:
            send(f"{office.url}?starttls=yes")
        assert refused.value.away
        assert office.raw == []
        send(office.url)
        assert office.envelopes == [("a@b.example", ["c@d.example"])]


@pytest.mark.parametrize("header", ["Subject", "List-Unsubscribe", "Content-Language"])
def test_line_breaks_in_headers_are_refused(header: str) -> None:
    evil = "x\r\nBcc: x@y.example"
    given = {"subject": evil} if header == "Subject" else {"headers": {header: evil}}
    with pytest.raises(ValueError, match="linefeed"):
        mailer.compose(dataclasses.replace(ENVELOPE, **given))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Self-signed, for 127.0.0.1: trusted by whoever is told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post office")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now(), now() + timedelta(days=1)
    )
    signed = built.add_extension(names, critical=False).sign(key, hashes.SHA256())
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context
