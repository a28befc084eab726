"""What is looked at before a reading is taken (product.md §3.2). Pure.

A check is a function of the table CHECKS; how strongly it speaks, the supplier's file says under the same name
(suppliers.rules.Checks).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from mygas.domain.explaining import cost_kop
from mygas.domain.metering import may_have_turned, volume
from mygas.domain.reading_facts import Checked, Entered, Finding, MeterNow, Price, most_flow
from mygas.suppliers import Supplier
from mygas.suppliers.rules import Strength
from mygas.words import N_

_ROUND_MONTH = 31


def check(
    meter: MeterNow, entered: Entered, supplier: Supplier, today: date, price: Price | None = None, *, blind: bool = False
) -> Checked:
    """All that is found about a reading; `blind` leaves out what the subscriber may not be told (decision 0009)."""
    case = _Case(meter, entered, supplier, today, blind)
    findings = [finding for name in CHECKS if (finding := _find(name, case))]
    if any(finding.strength == "refuse" for finding in findings):
        findings = [finding for finding in findings if finding.strength == "refuse"]
    if blind:
        findings = [finding for finding in findings if finding.name == "other_user"] or findings
    consumed = case.consumed_milli
    cost = cost_kop(consumed, price.price_kop, price.coefficient_micro) if price and consumed is not None and not blind else None
    return Checked(meter, entered, case.rolled_over, consumed, cost, tuple(findings), case.may_have_turned)


@dataclass(frozen=True)
class _Case:
    """A reading under its checks, and what follows from it."""

    meter: MeterNow
    entered: Entered
    supplier: Supplier
    today: date
    blind: bool

    @property
    def value_milli(self) -> int:
        """As it is billed: by the digits before the comma, unless the supplier takes decimals too."""
        return self._billed(self.entered.value_milli)

    @property
    def known_milli(self) -> int | None:
        return None if self.meter.known_milli is None else self._billed(self.meter.known_milli)

    @property
    def went_back(self) -> bool:
        return self.known_milli is not None and self.value_milli < self.known_milli

    @property
    def against_estimate(self) -> bool:
        """Less than what the supplier reckoned himself: the dial is right, the reckoning was too high."""
        return self.went_back and not self.rolled_over and self.meter.known_source == "estimate"

    @property
    def rolled_over(self) -> bool:
        """Only where it is so said and can be so: a tick elsewhere changes nothing."""
        return self.entered.through_zero and self.supplier.readings.allow_rollover and self._turned(self.known_milli)

    @property
    def may_have_turned(self) -> bool:
        """The blind, who may not learn where the counter stands, are asked as if it stood near its end."""
        known = self.known_milli if not self.blind else 10**self.meter.digits * 1000
        return self.went_back and self.supplier.readings.allow_rollover and self._turned(known)

    @property
    def consumed_milli(self) -> int | None:
        if self.known_milli is None or (self.went_back and not self.rolled_over):
            return None
        turn = 10**self.meter.digits * 1000 if self.rolled_over else 0
        return turn - self.known_milli + self.value_milli

    @property
    def days(self) -> int:
        """Since the reading that it is compared with; at least one."""
        return max(1, (self.today - self.meter.known_on).days) if self.meter.known_on else 1

    def _turned(self, known_milli: int | None) -> bool:
        return known_milli is not None and may_have_turned(known_milli, self.value_milli, self.meter.digits)

    def _billed(self, milli: int) -> int:
        return milli if self.supplier.readings.decimals else milli // 1000 * 1000


Said = tuple[str, dict[str, object]]


def _digits(case: _Case) -> Said | None:
    if not case.meter.digits or case.entered.value_milli < 10**case.meter.digits * 1000:
        return None
    return (
        N_(
            "Слишком много цифр: на этом приборе до запятой их %(digits)s. "
            "Красные цифры справа от запятой отделите запятой или не вводите."
        ),
        {"digits": case.meter.digits},
    )


def _less(case: _Case) -> Said | None:
    if not case.went_back or case.rolled_over:
        return None
    sentence = (
        N_(
            "Показание меньше прежнего: было %(known)s\u00a0м³ от %(day)s. Но прежнее — расчётное: "
            "если цифры верны, поставщик пересчитает."
        )
        if case.against_estimate
        else N_("Показание меньше прежнего: было %(known)s\u00a0м³ от %(day)s. Проверьте цифры.")
    )
    return sentence, {"known": volume(case.meter.known_milli or 0), "day": case.meter.known_on or ""}


def _zero(case: _Case) -> Said | None:
    if case.consumed_milli != 0:
        return None
    refused = case.supplier.checks.zero == "refuse"
    sentence = (
        N_("Показание такое же, как прежнее от %(day)s, а нулевой расход поставщик не принимает. Проверьте цифры.")
        if refused
        else N_("Показание такое же, как прежнее от %(day)s: расход — ноль.")
    )
    return sentence, {"day": case.meter.known_on or ""}


def _above_max(case: _Case) -> Said | None:
    if (case.consumed_milli or 0) <= case.supplier.readings.max_m3 * 1000:
        return None
    most = volume(case.supplier.readings.max_m3 * 1000)
    return (
        N_("Выходит расход %(consumed)s\u00a0м³: больше %(most)s\u00a0м³ за раз поставщик не принимает. Проверьте цифры."),
        {"consumed": volume(case.consumed_milli or 0), "most": most},
    )


def _impossible(case: _Case) -> Said | None:
    litres = most_flow(case.meter.model, case.supplier.readings.max_flow)
    if litres is None or (case.consumed_milli or 0) <= litres * 24 * case.days:
        return None
    return (
        N_(
            "Выходит расход %(consumed)s\u00a0м³ с %(day)s: столько газа через прибор %(model)s пройти не могло, "
            "самое большее — %(most)s\u00a0м³. Проверьте цифры."
        ),
        {
            "consumed": volume(case.consumed_milli or 0),
            "day": case.meter.known_on or "",
            "model": case.meter.model,
            "most": volume(litres * 24 * case.days),
        },
    )


def _three_times(case: _Case) -> Said | None:
    """Three times the same month of last year, as often as months have passed since the reading before."""
    months, last_year = -(-case.days // _ROUND_MONTH), case.meter.last_year_milli
    if not last_year or (case.consumed_milli or 0) <= 3 * last_year * months:
        return None
    return (
        N_("Расход %(consumed)s\u00a0м³ — больше чем втрое против того же месяца прошлого года (%(last_year)s\u00a0м³)."),
        {"consumed": volume(case.consumed_milli or 0), "last_year": volume(last_year)},
    )


def _expired(case: _Case) -> Said | None:
    until = case.meter.verified_until
    if until is None or until >= case.today:
        return None
    sentence = (
        N_("Срок поверки прибора закончился %(day)s: поставщик не принимает его показания. Закажите поверку или замену прибора.")
        if case.supplier.checks.expired == "refuse"
        else N_("Срок поверки прибора закончился %(day)s: поставщик может не принять показание к учёту и начислить по нормативу.")
    )
    return sentence, {"day": until}


def _same_value(case: _Case) -> Said | None:
    if not repeats(case.meter, case.entered.value_milli, rolled_over=case.rolled_over):
        return None
    return N_("Это показание уже принято %(moment)s. Второй раз оно не записано."), {"moment": _moment(case)}


def _other_browser(case: _Case) -> Said | None:
    meter = case.meter
    shown = meter.sent_id == case.entered.shown_id
    if not meter.is_sent or meter.sent_by_other or shown or meter.sent_milli == case.entered.value_milli:
        return None
    return (
        N_("Пока форма была открыта, в другом окне передано другое показание: %(sent)s\u00a0м³, %(moment)s. Ваше его заменит."),
        {"sent": volume(meter.sent_milli or 0), "moment": _moment(case)},
    )


def _other_user(case: _Case) -> Said | None:
    """Who is not shown what another user sent can put nothing in its place, whatever he enters (decision 0009)."""
    meter = case.meter
    if not meter.is_sent or not meter.sent_by_other:
        return None
    if case.blind:
        return (
            N_(
                "По этому прибору показание уже передано другим пользователем счёта. "
                "Исправить его можно в расширенной версии или у поставщика: %(phone)s."
            ),
            {"phone": case.supplier.support_phone},
        )
    if meter.sent_milli == case.entered.value_milli:
        return None
    return (
        N_("Другой пользователь счёта уже передал показание %(sent)s\u00a0м³, %(moment)s. Ваше его заменит."),
        {"sent": volume(meter.sent_milli or 0), "moment": _moment(case)},
    )


CHECKS: dict[str, Callable[[_Case], Said | None]] = {
    "digits": _digits,
    "less": _less,
    "zero": _zero,
    "above_max": _above_max,
    "impossible": _impossible,
    "three_times": _three_times,
    "expired": _expired,
    "same_value": _same_value,
    "other_browser": _other_browser,
    "other_user": _other_user,
}
_BLIND = {
    "less": N_("Показание меньше прежнего. Проверьте цифры."),
    "less than an estimate": N_("Показание меньше прежнего, но прежнее — расчётное: если цифры верны, поставщик пересчитает."),
    "zero": N_("Показание такое же, как прежнее: расход — ноль."),
    "above_max": N_("Расход выходит больше, чем поставщик принимает за раз. Проверьте цифры."),
    "impossible": N_("Столько газа через этот прибор пройти не могло. Проверьте цифры."),
    "three_times": N_("Расход намного больше, чем в том же месяце прошлого года."),
    "other_browser": N_("По этому прибору уже передано другое показание. Ваше его заменит."),
}
"""The same without a number of the household's (decision 0009)."""


def repeats(meter: MeterNow, value_milli: int, *, rolled_over: bool) -> bool:
    """Whether the standing reading of the period says the same already: one value, one reading. A rejected one says nothing."""
    return meter.is_sent and meter.sent_milli == value_milli and meter.sent_rolled_over == rolled_over


def _strength(name: str, case: _Case) -> Strength:
    """As the supplier says, but for what is not his to soften or to sharpen."""
    if name == "digits":
        return "refuse"
    if name == "other_user":
        return "refuse" if case.blind else "confirm"
    found: Strength = getattr(case.supplier.checks, name)
    return "confirm" if name == "less" and found == "refuse" and case.against_estimate else found


def _find(name: str, case: _Case) -> Finding | None:
    strength = _strength(name, case)
    said = CHECKS[name](case) if strength != "off" else None
    if said is None:
        return None
    sentence, values = said
    if case.blind and name in _BLIND:
        sentence, values = _BLIND["less than an estimate" if name == "less" and case.against_estimate else name], {}
    key = f"{name}-{case.entered.meter_id}-{case.entered.value_milli}"
    if name in ("other_browser", "other_user"):
        key += f"-{case.meter.sent_id}"
    return Finding(name, strength, sentence, values, case.meter.field, key)


def _moment(case: _Case) -> datetime | str:
    """When the standing reading was sent, on the supplier's clock."""
    return case.meter.sent_at.astimezone(case.supplier.time_zone) if case.meter.sent_at else ""
