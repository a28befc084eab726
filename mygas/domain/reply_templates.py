"""Replies that operators keep ready, each addressee's own."""

from collections.abc import Iterable

from sqlalchemy import delete

from mygas import clock
from mygas.domain import audit
from mygas.domain.operators import serves
from mygas.domain.work import refused_if_taken
from mygas.extensions import db
from mygas.models import Operator, ReplyTemplate
from mygas.words import N_, Refused

MOST = 100  # of an addressee
_TAKEN = N_("Шаблон с таким названием уже есть.")
_TOO_MANY = N_("Шаблонов уже %(most)s. Удалите ненужные.")

SAMPLES = {
    "Показания приняты": (
        "Здравствуйте!\n\nВаши показания приняты. Они войдут в начисления за текущий месяц и появятся в разделе «Приборы учёта», "
        "когда их учтёт поставщик."
    ),
    "Просим уточнить": (
        "Здравствуйте!\n\nЧтобы ответить, нам нужно понять, что произошло. Напишите, пожалуйста, номер лицевого счёта, "
        "что Вы делали и что увидели на экране. Можно приложить снимок экрана."
    ),
}


def of(operator: Operator, addressee: str | None = None) -> list[ReplyTemplate]:
    """All that the operator may use, or only those of one addressee, by title."""
    mine = db.select(ReplyTemplate).where(serves(operator, ReplyTemplate.addressee))
    mine = mine.where(ReplyTemplate.addressee == addressee) if addressee is not None else mine
    return list(db.session.scalars(mine.order_by(ReplyTemplate.addressee, ReplyTemplate.title)))


def find(operator: Operator, ref: str) -> ReplyTemplate | None:
    mine = db.select(ReplyTemplate).where(ReplyTemplate.ref == ref, serves(operator, ReplyTemplate.addressee))
    return db.session.scalars(mine).one_or_none()


def add(operator: Operator, ip: str, addressee: str, title: str, text: str) -> None:
    """Keep a reply ready. Audited. Raises Refused on a taken title and over a hundred."""
    held = db.select(db.func.count(ReplyTemplate.id)).filter_by(addressee=addressee)
    if (db.session.scalar(held) or 0) >= MOST:
        raise Refused(_TOO_MANY, most=MOST)
    with refused_if_taken("uq_reply_template_title", Refused(_TAKEN, field="title")):
        db.session.add(ReplyTemplate(addressee=addressee, title=title, text=text, created_at=clock.now()))
    audit.by_operator("template.add", operator, ip, addressee=addressee, title=title)


def edit(operator: Operator, ip: str, template: ReplyTemplate, title: str, text: str) -> None:
    """Audited. Raises Refused on a taken title."""
    with refused_if_taken("uq_reply_template_title", Refused(_TAKEN, field="title")):
        template.title, template.text = title, text
    audit.by_operator("template.edit", operator, ip, addressee=template.addressee, title=title)


def remove(operator: Operator, ip: str, template: ReplyTemplate) -> None:
    """Audited; of two who remove it at once, both have done so."""
    db.session.execute(delete(ReplyTemplate).where(ReplyTemplate.id == template.id))
    audit.by_operator("template.remove", operator, ip, addressee=template.addressee, title=template.title)


def provide_samples(addressees: Iterable[str]) -> None:
    """Two samples for each addressee that has none, to begin with: the demo's."""
    begun = set(db.session.scalars(db.select(ReplyTemplate.addressee).distinct()))
    for addressee in addressees:
        if addressee not in begun:
            rows = [{"addressee": addressee, "title": title, "text": text} for title, text in SAMPLES.items()]
            db.session.add_all(ReplyTemplate(**row, created_at=clock.now()) for row in rows)
