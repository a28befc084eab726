"""Forms of the wizard PAY: how much and with which readings; then a last look."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, SubmitField
from wtforms.validators import ValidationError

from mygas import money
from mygas.domain import owing, readings
from mygas.domain.owing import Bill, Owed, Split
from mygas.domain.reading_checks import Checked, Entered, MeterNow, check
from mygas.domain.readings import NotAccepted
from mygas.suppliers import Supplier
from mygas.web import languages, quantities
from mygas.web.forms import Form
from mygas.web.forms.readings import ReadingsForm
from mygas.web.readings import Entry
from mygas.words import N_, Refused

DEBT, ESTIMATE, OWN = "debt", "estimate", "own"
_AMOUNT = "amount"


class SumForm(ReadingsForm):
    """The debt, the debt with what the readings come to, or a sum of one's own: `amount`, or `amount_0`… where services are
    kept apart. Readings may be left empty."""

    choice = RadioField(N_("Сколько заплатить"), validate_choice=False)
    recalculate = SubmitField(N_("Пересчитать"))
    bill: Bill
    supplier: Supplier
    entry: Entry | None = None

    @property
    def amounts(self) -> list[tuple[Field, Owed]]:
        """The fields of one's own sum, each with what is owed for its service."""
        return [(self[name], owed) for name, owed in _amount_names(self.bill).items()]

    @property
    def not_paid(self) -> Field | None:
        """The tick that the doubtful payment was not paid; it names that one, so that it does not vouch for another."""
        return self[_vouched(self.bill)] if self.bill.doubtful_id else None

    @cached_property
    def checked(self) -> list[Checked]:
        """The readings typed, looked over; none while one of them cannot be read."""
        try:
            entries = self.entries()
        except ValueError:
            return []
        meters = {meter.meter_id: meter for meter in self.meters}
        return [self._look_over(meters[entered.meter_id], entered) for entered in entries]

    @property
    def estimate_kop(self) -> int | None:
        """What the readings typed come to; None unless all of them can be reckoned."""
        costs = [one.cost_kop for one in self.checked]
        return sum(cost for cost in costs if cost is not None) if costs and None not in costs else None

    @property
    def doubts(self) -> list[Checked]:
        """Readings that wait for the subscriber's word."""
        return [one for one in self.checked if one.found("confirm")] if self.confirmed.data else []

    @property
    def has_no_choice(self) -> bool:
        """Whether a sum of one's own is all that may be paid."""
        return not self.sums

    def offer(self) -> None:
        """List the sums that one payment may be of."""
        sums = {DEBT: self.bill.debt}
        if self.estimate_kop:
            sums[ESTIMATE] = self.bill.with_more(self.estimate_kop)
        words = {DEBT: N_("Текущий долг: %(sum)s"), ESTIMATE: N_("Долг с учётом показаний, примерно: %(sum)s")}
        self.sums = {name: split for name, split in sums.items() if self._is_payable(split)}
        offered = [(name, gettext(words[name], sum=quantities.rubles(owing.total(split)))) for name, split in self.sums.items()]
        self.choice.choices = [*offered, (OWN, gettext("Другая сумма"))]
        if self.has_no_choice or (self.choice.data is None and not self.is_submitted()):
            self.choice.data = self.choice.choices[0][0]

    sums: Mapping[str, Split] = {}

    def validate_choice(self, field: Field) -> None:
        if self.recalculate.data:
            return
        if field.data not in dict(field.choices):
            raise ValidationError(gettext("Выберите, сколько заплатить."))
        if field.data != OWN and any((one.data or "").strip() for one, _ in self.amounts):
            raise ValidationError(gettext("Вы ввели свою сумму: отметьте «Другая сумма» или очистите поле суммы."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whoever recalculates has not finished: his readings are looked over, and that sum is ticked in place of the debt."""
        fits = super().validate(extra_validators)
        if not self.recalculate.data:
            if self.choice.data == OWN and not any((one.data or "").strip() for one, _ in self.amounts):
                self.refuse(Refused(N_("Введите сумму."), _AMOUNT))
                return False
            return fits
        if fits:
            self._recalculate()
        return False

    def refuse(self, refusal: Refused) -> None:
        """Of readings, at their meters; of the sum, at the first of its fields; all else at its own field, or at the form."""
        if isinstance(refusal, NotAccepted):
            super().refuse(refusal)
        elif refusal.field == _AMOUNT and self.choice.data == OWN:
            Form.refuse(self, Refused(refusal.sentence, self.amounts[0][0].name, **refusal.values))
        else:
            Form.refuse(self, refusal)

    def answer(self) -> dict[str, Any]:
        own = tuple((owed.service, kopecks) for field, owed in self.amounts if (kopecks := _kopecks(field)))
        return {
            "supplier": self.supplier,
            "split": own if self.choice.data == OWN else self.sums[self.choice.data],
            "checked": self.checked,
            "confirmed": self.confirmations(),
            "typed": {name: value for name, value in self.data.items() if name not in ("csrf_token", "recalculate")},
        }

    def _recalculate(self) -> None:
        if not self.checked:
            self.form_errors.append(gettext("Чтобы пересчитать сумму, введите показание."))
            return
        try:
            readings.insist(self.checked)
        except NotAccepted as refusal:
            self.refuse(refusal)
        if ESTIMATE in self.sums and self.choice.data != OWN:
            self.choice.data = ESTIMATE

    def _look_over(self, meter: MeterNow, entered: Entered) -> Checked:
        assert self.entry is not None, "without an entry there are no meters"  # noqa: S101
        return check(meter, entered, self.supplier, self.supplier.today(), self.entry.price, blind=self.entry.blind)

    def _is_payable(self, split: Split) -> bool:
        return self.supplier.pay.min_kop <= owing.total(split) <= self.supplier.pay.max_kop


class ReviewForm(Form):
    """`shown` names what stands on the page, `request_key` the payment: whoever presses twice pays once."""

    shown = HiddenField()
    request_key = HiddenField()
    confirmed = HiddenField()
    doubts: tuple[Checked, ...] = ()
    fresh = ""

    def refuse(self, refusal: Refused) -> None:
        """Doubtful readings come back with a question, not with an error."""
        if isinstance(refusal, NotAccepted) and refusal.may_be_confirmed:
            self.doubts = refusal.checked
            self.confirmed.data = " ".join(finding.key for one in refusal.checked for finding in one.found("confirm"))
        else:
            self.form_errors.append(languages.refusal(refusal))

    def before_page(self) -> None:
        """The page that is drawn now shows the draft as it is now."""
        self.shown.data = self.fresh


def sum_form(bill: Bill, supplier: Supplier, entry: Entry | None, typed: Mapping[str, Any]) -> SumForm:
    """The first step, with readings where there are meters that take them now; filled as it was left."""
    readings = entry.form() if entry else None
    fields: dict[str, Any] = {
        name: StringField(owed.service if bill.apart else gettext("Сумма"), validators=[_a_sum])
        for name, owed in _amount_names(bill).items()
    }
    if bill.doubtful_id:
        says = gettext("Я не платил по платежу № %(number)s", number=bill.doubtful_id)
        fields[_vouched(bill)] = BooleanField(says, validators=[_ticked])
    form: SumForm = type("BoundSumForm", (SumForm, *([type(readings)] if readings else [])), fields)(**typed)
    form.bill, form.supplier, form.entry = bill, supplier, entry
    if readings:
        form.meters = readings.meters
    form.offer()
    return form


def _amount_names(bill: Bill) -> dict[str, Owed]:
    return {f"{_AMOUNT}_{index}" if bill.apart else _AMOUNT: owed for index, owed in enumerate(bill.services)}


def _vouched(bill: Bill) -> str:
    return f"not_paid_{bill.doubtful_id}"


def _ticked(form: SumForm, field: Field) -> None:
    if not form.recalculate.data and not field.data:
        raise ValidationError(gettext("Отметьте, что Вы не платили по прежнему платежу, или подождите, пока он не прояснится."))


def _a_sum(form: SumForm, field: Field) -> None:
    """Spelling only, and only where this is what will be paid."""
    if form.recalculate.data or form.choice.data != OWN:
        return
    try:
        kopecks = _kopecks(field)
    except ValueError:
        kopecks = -1
    if kopecks < 0:
        raise ValidationError(gettext("Введите сумму в рублях, например 500 или 1 245,30."))


def _kopecks(field: Field) -> int:
    typed = (field.data or "").strip().removesuffix("₽").strip()
    return money.parse(typed) if typed else 0
