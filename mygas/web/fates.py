"""What became of a reading that was sent, in words: one wording for all pages."""

from flask_babel import gettext

from mygas.domain.reading_history import Sent
from mygas.suppliers import Supplier
from mygas.web.layout import day
from mygas.words import N_

FATES = {
    "taken": N_("принято порталом"),
    "dispatched": N_("передано поставщику: реестр № %(dispatch)s от %(day)s"),
    "booked": N_("учтено поставщиком"),
    "rejected": N_("отклонено поставщиком: %(reason)s"),
    "replaced": N_("заменено новым"),
}


def fate_words(supplier: Supplier, sent: Sent) -> str:
    """What became of a reading sent through the portal."""
    dispatched = sent.dispatched_at.astimezone(supplier.time_zone).date() if sent.dispatched_at else None
    reason = sent.reason or gettext("причину поставщик не назвал")
    return str(gettext(FATES[sent.fate], dispatch=sent.dispatch, day=day(dispatched) if dispatched else "", reason=reason))
