"""Devices in software: one that makes passkeys, and the app that makes codes."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTACHED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Device:
    """A security key with one ES256 passkey. Each field can be set to what a forger would send."""

    origin: str
    domain: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def register(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attached = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(self.flags | ATTACHED) + attached
        return self._credential(
            clientDataJSON=text(self._client("webauthn.create", question)),
            attestationObject=text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        )

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answers `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(self.flags), self._client("webauthn.get", question)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            clientDataJSON=text(client), authenticatorData=text(data), signature=text(signed), userHandle=None
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, question: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": question["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _credential(self, **response: Any) -> dict[str, Any]:
        name = text(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
