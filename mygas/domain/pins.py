"""PINs of accounts: derived, never stored (product.md §0, decision 10), beside those that a supplier gave out himself."""

import hmac
from datetime import timedelta

from sqlalchemy import case

from mygas import clock
from mygas.domain import limits, restorations, visible
from mygas.domain.folding import fold
from mygas.domain.work import insert_or_update
from mygas.extensions import db, keyring
from mygas.models import Account, Pin

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0 o, 1 i l; none of these changes in folding
LOOK = timedelta(minutes=5)  # within which a look once granted may be taken
_LENGTH = 8  # 31 ** 8 is 8.5e11 PINs against ten guesses a day


def current(account: Account) -> str:
    """The account's PIN: for its owner's eyes and letters only, never for a log, an address or a table."""
    return derived(account.supplier, account.number, generation(account.id))


def fits(account: Account, answer: str) -> bool:
    """Whether the answer is the account's PIN, or the one (or old password) that its supplier gave out and imported.

    Once the PIN has been changed here, an imported one is void: it is what somebody may have learnt.
    """
    folded = fold(answer)
    present = generation(account.id)
    given_out = visible.imported_pin(account.id) if present == 1 else None
    imported = keyring.pin_mac("imported", account.supplier, account.number, folded)
    ours = hmac.compare_digest(folded.encode(), derived(account.supplier, account.number, present).encode())
    theirs = hmac.compare_digest(imported, given_out or b"")
    return ours or theirs


def revoke(account_id: int) -> None:
    """Make the present PIN void; the account has another one from now on. Atomic, so two revocations are two.

    After a restore the next one leaps over those that may have been issued in the time that was lost: they are void for good.
    """
    now, first = clock.now(), max(2, restorations.generation())
    following = case((Pin.generation >= first, Pin.generation + 1), else_=first)
    statement = (
        insert_or_update(Pin)
        .values(account_id=account_id, generation=first, changed_at=now)
        .on_conflict_do_update(index_elements=[Pin.account_id], set_={"generation": following, "changed_at": now})
    )
    db.session.execute(statement)


def use_look(nonce: str) -> bool:
    """Whether the look at a PIN that was granted under that nonce is still to be had; it is then used. Atomic."""
    return limits.hit("pin-look", nonce, per=LOOK).count == 1


def generation(account_id: int) -> int:
    """Which PIN in a row this is; 1 where none was revoked."""
    return db.session.scalar(db.select(Pin.generation).filter_by(account_id=account_id)) or 1


def derived(supplier: str, number: str, present: int) -> str:
    """The PIN of that generation of a supplier's account."""
    rest = int.from_bytes(keyring.pin_mac("derived", supplier, number, str(present)))
    characters = []
    for _ in range(_LENGTH):
        rest, index = divmod(rest, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    return "".join(characters)
