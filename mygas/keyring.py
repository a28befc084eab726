"""The installation's keys at work: sealing what must be read back, deriving what must never be stored."""

import hmac
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

if TYPE_CHECKING:
    from mygas.settings import Keys


class Unsealable(Exception):
    """The bytes were not sealed here, for this purpose, or were changed since."""


class Keyring:
    """Holds no key itself: `init_app` hands the keys to the app, and each call reads those of the app at work."""

    def init_app(self, app: Flask, keys: "Keys") -> None:
        app.extensions["keyring"] = keys

    @property
    def _keys(self) -> "Keys":
        keys: Keys = current_app.extensions["keyring"]
        return keys

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """AES-256-GCM; `purpose` is bound in, so that bytes sealed for one thing do not open as another."""
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self._keys.sealing[:32]).encrypt(nonce, plain, purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """The plain bytes again. Raises Unsealable."""
        try:
            return AESGCM(self._keys.sealing[:32]).decrypt(sealed[:12], sealed[12:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable(purpose) from error

    def code(self, *parts: str) -> str:
        """Six digits derived from the parts (RFC 4226 truncation over SHA-256): the same parts, the same code."""
        digest = self._mac(self._keys.codes, parts)
        offset = digest[-1] & 0x0F
        return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"

    def pin_mac(self, *parts: str) -> bytes:
        """What PINs are derived from and compared by."""
        return self._mac(self._keys.pins, parts)

    def peppered(self, password: str) -> bytes:
        """What the password hash is made of: useless without this machine's key."""
        return self._mac(self._keys.pepper, (password,))

    def fingerprint(self, *parts: str) -> str:
        """A name for a secret or personal value that may stand in a table (counters), telling nothing of the value."""
        return self._mac(self._keys.codes, ("fingerprint", *parts)).hex()[:40]

    @staticmethod
    def _mac(key: bytes, parts: tuple[str, ...]) -> bytes:
        return hmac.digest(key, "\x1f".join(parts).encode(), sha256)
