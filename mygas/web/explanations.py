"""«Почему такая сумма?» in words: the rows of a list of facts for one line of a month."""

from flask_babel import gettext

from mygas.domain.billing_words import SOURCES
from mygas.domain.explaining import Explained
from mygas.domain.metering import consumed_milli, has_rolled_over
from mygas.domain.visible import KnownReading
from mygas.money import rubles
from mygas.web.layout import day
from mygas.web.quantities import coefficient, corrected, price, volume
from mygas.words import N_

_BASIS = {
    "average": N_(
        "Показаний не было, поэтому взят среднемесячный расход: так велит п. 31 Правил поставки газа (постановление № 549), "
        "но не дольше трёх месяцев подряд, затем — норматив. Как вышло среднее, поставщик не передал."
    ),
    "norm": N_(
        "Норматив потребления на человека и на квадратный метр. Сколько у поставщика записано проживающих и какая площадь — "
        "в разделе «Абонент»."
    ),
    "fixed": N_("Сумма твёрдая: объём и цена газа в ней не участвуют."),
}


def rows(explained: Explained) -> list[tuple[str, str]]:
    """(what, how much) of all the numbers behind the line; what the supplier did not give is said to be missing."""
    return [*_volume(explained), *_price(explained), *_outcome(explained)]


def reading_words(reading: KnownReading) -> str:
    """One reading with the one before it: dates, sources, consumption."""
    now = gettext("%(value)s\u00a0м³ (%(source)s)", value=volume(reading.value_milli), source=source_words(reading.source))
    if reading.previous_milli is None or reading.previous_on is None:
        return str(gettext("%(now)s; прежнее показание поставщик не передал", now=now))
    before = gettext(
        "прежнее %(value)s\u00a0м³ от %(day)s (%(source)s)",
        value=volume(reading.previous_milli),
        day=day(reading.previous_on),
        source=source_words(reading.previous_source or ""),
    )
    consumed = consumed_milli(reading)
    if consumed is None:
        return str(gettext("%(now)s; %(before)s; показание меньше прежнего, расход по нему не посчитать", now=now, before=before))
    used = gettext("расход %(value)s\u00a0м³", value=volume(consumed))
    if has_rolled_over(reading):
        used = gettext("%(used)s: прибор прошёл через ноль", used=used)
    return f"{now}; {before}; {used}"


def source_words(source: str) -> str:
    """Who said the reading."""
    return str(gettext(SOURCES[source])) if source in SOURCES else source


def _volume(explained: Explained) -> list[tuple[str, str]]:
    line = explained.line
    if line.method in _BASIS:
        basis = [(gettext("Из чего посчитано"), gettext(_BASIS[line.method])), *_norm(explained)]
    else:
        basis = [
            (gettext("Показание %(day)s, прибор №\u00a0%(serial)s", day=day(one.taken_on), serial=one.serial), reading_words(one))
            for one in explained.readings
        ] or [(gettext("Показания"), gettext("за этот месяц поставщик показаний не передал"))]
    if line.method == "fixed":
        return basis
    if explained.shared and line.method == "meter":
        basis.append((gettext("Показания"), gettext("общие для всех строк месяца, начисленных по прибору учёта")))
    name = gettext("Объём к оплате") if not line.coefficient_micro else gettext("Объём без коэффициента")
    basis.append((name, gettext("%(volume)s\u00a0м³", volume=volume(line.volume_milli))))
    return [*basis, *_difference(explained), *_coefficient(explained)]


def _norm(explained: Explained) -> list[tuple[str, str]]:
    line = explained.line
    if line.method != "norm":
        return []
    if not line.norm_milli:
        return [(gettext("Норматив"), gettext("поставщик не передал"))]
    return [(gettext("Норматив"), gettext("%(volume)s\u00a0м³ в месяц на всё помещение", volume=volume(line.norm_milli)))]


def _difference(explained: Explained) -> list[tuple[str, str]]:
    if not explained.unbilled_milli:
        return []
    told = gettext(
        "по показаниям %(told)s\u00a0м³, начислено за %(billed)s\u00a0м³",
        told=volume(explained.consumed_milli or 0),
        billed=volume(explained.metered_milli),
    )
    if explained.recalculation_settles:
        why = gettext("разница вошла в перерасчёт этого месяца и сходится с ним до копейки")
    elif not explained.line.coefficient_micro:
        why = gettext("причину разницы поставщик не передал; ею может быть температурный коэффициент или счёт прежних месяцев")
    else:
        why = gettext("причину разницы поставщик не передал; ею может быть счёт прежних месяцев")
    return [(gettext("Показания и объём"), f"{told}: {why}")]


def _coefficient(explained: Explained) -> list[tuple[str, str]]:
    line = explained.line
    if line.coefficient_micro:
        product = corrected(line.volume_milli, line.coefficient_micro)
        return [
            (gettext("Температурный коэффициент"), coefficient(line.coefficient_micro)),
            (gettext("Объём к оплате"), gettext("%(volume)s\u00a0м³", volume=product)),
        ]
    if line.method != "meter":
        return []
    return [(gettext("Температурный коэффициент"), gettext("поставщик не передал: в расчёте ниже его нет"))]


def _price(explained: Explained) -> list[tuple[str, str]]:
    line = explained.line
    if line.method == "fixed":
        return []
    if explained.product_kop is None:
        return [(gettext("Цена"), gettext("поставщик не передал"))]
    measured = gettext("%(volume)s\u00a0м³", volume=volume(line.volume_milli))
    if line.coefficient_micro:
        measured = f"{measured} × {coefficient(line.coefficient_micro)}"
    per = {"thousand": rubles(line.price_kop), "one": price(line.price_kop)}
    return [
        (gettext("Цена"), gettext("%(thousand)s за 1000 м³, то есть %(one)s за 1 м³", **per)),
        (gettext("Чем установлена цена"), line.price_act or gettext("поставщик не передал номер акта")),
        (
            gettext("Расчёт"),
            gettext(
                "%(measured)s × %(price)s ÷ 1000 = %(sum)s, округлено до копейки (половина копейки — вверх)",
                measured=measured,
                price=rubles(line.price_kop),
                sum=rubles(explained.product_kop),
            ),
        ),
    ]


def _outcome(explained: Explained) -> list[tuple[str, str]]:
    line, off = explained.line, explained.off_kop
    charged = rubles(line.sum_kop)
    if off:
        more_or_less = gettext("больше") if off > 0 else gettext("меньше")
        charged = gettext(
            "%(sum)s: поставщик посчитал иначе, разница %(off)s (%(which)s, чем по этим числам)",
            sum=charged,
            off=rubles(abs(off)),
            which=more_or_less,
        )
    return [
        (gettext("Начислено"), charged),
        (gettext("Перерасчёт"), _recalculation(line.recalculated_kop)),
        (gettext("Итого по строке"), rubles(line.sum_kop + line.recalculated_kop)),
    ]


def _recalculation(kopecks: int) -> str:
    if not kopecks:
        return str(gettext("не было"))
    words = gettext("добавлено %(sum)s") if kopecks > 0 else gettext("убавлено %(sum)s")
    return str(gettext("%(how)s; причину поставщик не передал", how=words % {"sum": rubles(abs(kopecks))}))
