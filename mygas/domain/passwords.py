"""Passwords: two named policies, Argon2id with a pepper, at most two hashes at a time (promises.md D9, §2.8)."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mygas.extensions import keyring
from mygas.words import N_, Refused

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # 20 ms, 19 MiB
_AT_ONCE = threading.BoundedSemaphore(2)  # a flood of sign-ins must not eat the machine
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True)
class Policy:
    """`rule` is what the page says, `fits` tells whether a password keeps to it, `longest` is for the field."""

    rule: str
    fits: Callable[[str], object]
    longest: int


POLICIES = {
    # instructions 001, 003, 004: «любая комбинация букв и цифр на английском языке, не менее 5, не более 10»
    "instruction": Policy(N_("От 5 до 10 латинских букв и цифр"), re.compile(r"[A-Za-z0-9]{5,10}\Z").match, 10),
    "strong": Policy(N_("От 8 до 64 любых знаков"), lambda password: 8 <= len(password) <= 64, 64),
}


def check(password: str, policy: str, login: str = "") -> None:
    """Raises Refused on the field `password` when it breaks the policy, is among the commonest, or is the login."""
    if not POLICIES[policy].fits(password):
        raise Refused(_BREAKS[policy], field="password")
    if password.lower() in _COMMON:
        raise Refused(N_("Такой пароль подбирают первым. Придумайте другой."), field="password")
    if login and password.lower() in _spellings(login.lower()):
        raise Refused(N_("Пароль не должен совпадать с логином. Придумайте другой."), field="password")


def _spellings(login: str) -> set[str]:
    """A canonical login as its owner may write it: a phone after +7, 7, 8 or nothing, an e-mail without its host too."""
    own = login.removeprefix("+7")
    return {f"+7{own}", f"7{own}", f"8{own}", own} if own != login else {login, login.partition("@")[0]}


_BREAKS = {
    "instruction": N_("Пароль: от 5 до 10 латинских букв и цифр, без пробелов и других знаков."),
    "strong": N_("Пароль: от 8 до 64 знаков."),
}


def hashed(password: str) -> str:
    """The Argon2id hash to keep. Slow on purpose: call it outside of any transaction."""
    with _AT_ONCE:
        return _HASHER.hash(keyring.peppered(password))


def hash_in(answer: dict[str, Any]) -> dict[str, Any]:
    """The same answer with `password_hash` in the place of `password`; a wizard step prepares itself by it."""
    rest = {name: value for name, value in answer.items() if name != "password"}
    return {**rest, "password_hash": hashed(answer["password"])}


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one hashed; an unknown user (None) takes the same time. Call it outside of any transaction."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash or _NOBODY, keyring.peppered(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)


_NOBODY = _HASHER.hash(b"nobody has this password")
