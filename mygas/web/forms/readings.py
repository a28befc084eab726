"""Forms of readings: a field for each meter of the account, and what the user wants to be told by message."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, Field, HiddenField, StringField
from wtforms.validators import ValidationError

from mygas.domain import reading_facts
from mygas.domain.reading_facts import Entered, MeterNow
from mygas.domain.readings import NOTHING_ENTERED, NotAccepted
from mygas.suppliers import Supplier
from mygas.web.forms import Form
from mygas.words import N_, Refused


class ReadingsForm(Form):
    """`reading_<meter id>` for each meter, empty where nothing is sent. `through_zero_<meter id>` is offered where the value
    may have fallen that way; `shown_<meter id>` is the standing reading that the page showed; `confirmed` names what the user
    has been asked about already. `is_refused`: the values were read, but not taken."""

    confirmed = HiddenField()
    meters: Sequence[MeterNow] = ()
    supplier: Supplier
    is_refused = False
    _turned: frozenset[str] | None = None

    def entries(self) -> list[Entered]:
        """What is to be sent. After validation."""
        return [
            Entered(
                meter_id=meter.meter_id,
                value_milli=reading_facts.parse(self[meter.field].data),
                through_zero=self.zero_field(meter).data,
                shown_id=_whole(self[f"shown_{meter.meter_id}"].data),
            )
            for meter in self.meters
            if _typed(self[meter.field])
        ]

    def confirmations(self) -> list[str]:
        return str(self.confirmed.data or "").split()

    def zero_field(self, meter: MeterNow) -> Field:
        return self[f"through_zero_{meter.meter_id}"]

    def offers_zero(self, meter: MeterNow) -> bool:
        """Whether to ask if the counter went through zero."""
        return bool(self.zero_field(meter).data) if self._turned is None else meter.field in self._turned

    def refuse(self, refusal: Refused) -> None:
        """Each finding at its meter; that nothing was typed, at the first one. What may be confirmed is no error."""
        if not isinstance(refusal, NotAccepted):
            nothing = refusal.sentence == NOTHING_ENTERED
            self.is_refused = not nothing
            super().refuse(Refused(refusal.sentence, self.meters[0].field if nothing else refusal.field, **refusal.values))
            return
        self._turned = frozenset(one.meter.field for one in refusal.checked if one.may_have_turned)
        if refusal.may_be_confirmed:
            asked = [finding.key for one in refusal.checked for finding in one.found("confirm")]
            self.confirmed.data = " ".join(asked)
            return
        self.is_refused = True
        for finding in refusal.findings:
            super().refuse(Refused(finding.sentence, finding.field, **finding.values))


class MessagesForm(Form):
    """What the user wants to be told by message."""

    answer = BooleanField(N_("Сообщить, что показание принято порталом, и когда поставщик учтёт или отклонит его"))
    remind = BooleanField(N_("Напоминать, когда пора передавать показания"))


def readings(meters: Sequence[MeterNow], supplier: Supplier, *, with_serials: bool) -> ReadingsForm:
    """The form for these meters, as this user may see them (domain.readings.as_seen)."""
    names = meter_names(meters, with_serials=with_serials)
    fields: dict[str, Any] = {}
    for meter in meters:
        label = gettext("Показание прибора %(name)s", name=names[meter.meter_id])
        fields[meter.field] = StringField(label, validators=[_spelled])
        fields[f"through_zero_{meter.meter_id}"] = BooleanField(gettext("Счётчик прошёл через ноль"))
        fields[f"shown_{meter.meter_id}"] = HiddenField(default=str(meter.sent_id or ""))
    form: ReadingsForm = type("BoundReadingsForm", (ReadingsForm,), fields)()
    form.meters, form.supplier = meters, supplier
    return form


def meter_names(meters: Sequence[MeterNow], *, with_serials: bool) -> dict[int, str]:
    """How people tell the meters of one account apart, by meter id. The serial number is an answer to the control question."""
    names = {meter.meter_id: ", ".join(filter(None, (meter.model, meter.place))) or gettext("газа") for meter in meters}
    repeated = {name for name, count in Counter(names.values()).items() if count > 1}
    for place, meter in enumerate(meters, 1):
        if names[meter.meter_id] in repeated:
            mark = gettext("№ %(serial)s", serial=meter.serial) if with_serials else f"({place})"
            names[meter.meter_id] += f" {mark}"
    return names


def _spelled(_form: Form, field: Field) -> None:
    if not _typed(field):
        return
    try:
        reading_facts.parse(field.data)
    except ValueError as error:
        raise ValidationError(
            gettext("Введите показание цифрами, как на счётчике: например, 176 или 176,4. После запятой — не больше трёх цифр.")
        ) from error


def _typed(field: Field) -> bool:
    return bool((field.data or "").strip())


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,18}", text) else None
