"""One look at a PIN: granted by a POST, used up by the page that follows it.

The grant lies in the signed form cookie, of which somebody may keep a copy; so its nonce is good for one time only, and
that time is counted in the database. This is the one thing that a GET writes beside the audit of scans.
"""

import secrets
from datetime import datetime

from flask import session

from mygas import clock
from mygas.domain import pins


def grant(page: str) -> None:
    """Let the page of that name show its PIN once, within pins.LOOK."""
    session["look"] = [page, secrets.token_urlsafe(16), clock.now().isoformat()]


def granted(page: str) -> str | None:
    """The nonce of the look granted to that page lately, for pins.use_look. A look granted to another page is lost."""
    name, nonce, at = session.pop("look", None) or ("", "", "")
    return nonce if name == page and clock.now() - datetime.fromisoformat(at) <= pins.LOOK else None
