"""Forms of the settings about accounts and notices."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from mygas.domain.accounts import Connection
from mygas.domain.notices import CHOOSABLE, Choices, Where
from mygas.domain.own_accounts import LONGEST_ALIAS
from mygas.web.forms import Form
from mygas.web.forms.readings import MessagesForm
from mygas.words import N_


class AliasForm(Form):
    alias = StringField(N_("Название счёта"))

    def validate_alias(self, field: Field) -> None:
        """On one line, of letters that can be seen."""
        field.data = " ".join((field.data or "").split())
        if len(field.data) > LONGEST_ALIAS:
            raise ValidationError(gettext("Слишком длинно: не больше %(most)s знаков.", most=LONGEST_ALIAS))
        if not field.data.isprintable():
            raise ValidationError(gettext("В названии есть знаки, которых не видно. Наберите его заново."))


class NoticesForm(Form):
    """A box for each event and contact, and two for the readings of each account."""

    contacts: tuple[Where, ...] = ()

    def box(self, event: str, contact: Where) -> Field:
        return self[f"{event}_{contact}"]

    def wanted(self) -> Choices:
        return {(event, contact): bool(self.box(event, contact).data) for event, contact in CHOOSABLE if contact in self.contacts}

    def readings(self, connection: Connection) -> tuple[Field, Field]:
        """Whether to answer, whether to remind."""
        return self[f"answer_{connection.ref}"], self[f"remind_{connection.ref}"]


def notices(wanted: Choices, contacts: dict[Where, str], connections: Iterable[Connection]) -> NoticesForm:
    """The form for these contacts, by the words of each, and accounts."""
    fields: dict[str, Any] = {}
    for (event, contact), value in wanted.items():
        if contact in contacts:
            fields[f"{event}_{contact}"] = BooleanField(contacts[contact], default=value)
    labels = MessagesForm()
    for one in connections:
        fields[f"answer_{one.ref}"] = BooleanField(labels.answer.label.text, default=one.answer)
        fields[f"remind_{one.ref}"] = BooleanField(labels.remind.label.text, default=one.remind)
    form: NoticesForm = type("BoundNoticesForm", (NoticesForm,), fields)()
    form.contacts = tuple(contacts)
    return form
