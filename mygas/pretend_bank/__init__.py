"""The training bank: it speaks YooKassa's API, has pages where cards are asked for, and takes no money.

One part answers the portal (`api`), one the payer (`pages`), one tells the portal what happened (`Messenger`). They may run in
different processes and be killed at any moment: all they know is in files.
"""

from pathlib import Path

from mygas.pretend_bank.api import api
from mygas.pretend_bank.bank import Bank
from mygas.pretend_bank.drawers import Drawers
from mygas.pretend_bank.faults import Faults
from mygas.pretend_bank.messenger import Messenger
from mygas.pretend_bank.pages import pages

__all__ = ["MOUNT", "Bank", "Drawers", "Faults", "Messenger", "api", "open_in", "pages"]

MOUNT = "/pretend-bank"
"""Where the pages are found under the portal's own address, so that one port is enough for a demo."""


def open_in(data_dir: Path, public_url: str, faults: Faults | None = None) -> Bank:
    """The bank whose files are in the portal's data folder."""
    return Bank(Drawers(data_dir / "bank"), public_url + MOUNT, faults or Faults())
