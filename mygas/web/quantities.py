"""How volumes, areas, prices, balances and terms look on a page: filters of the templates. Integers in, Russian words out."""

from babel import Locale
from flask import Blueprint
from flask_babel import gettext

from mygas import money
from mygas.domain.metering import decimal, volume
from mygas.money import NBSP, Kopecks
from mygas.words import N_

_DAYS = {"one": N_("%(count)s день"), "few": N_("%(count)s дня"), "many": N_("%(count)s дней")}
_RUSSIAN = Locale("ru")


def register(bp: Blueprint) -> None:
    """Give the filters to all templates."""
    for filter_ in (volume, coefficient, area, amount, price, standing, days):
        bp.add_app_template_filter(filter_)


def coefficient(micro: int) -> str:
    """«1,0832», from millionths."""
    return decimal(micro, 6)


def corrected(milli: int, micro: int) -> str:
    """«53,72672» m³, the whole product: thousandths of m³ multiplied by millionths."""
    return decimal(milli * micro, 9)


def area(cm2: int) -> str:
    """«54,3» m², from cm²."""
    return decimal(cm2, 4)


def amount(kopecks: Kopecks) -> str:
    """«1 234,56»: a sum where the table says that these are rubles."""
    return money.rubles(kopecks).removesuffix(f"{NBSP}₽")


def price(price_kop: int) -> str:
    """«7,69 ₽» for one m³, from kopecks per 1000 m³: at least two decimals, five where the price has them."""
    return decimal(price_kop, 5, at_least=2) + f"{NBSP}₽"


def standing(balance_kop: Kopecks) -> str:
    """A balance in words: «долг 833,00 ₽», «переплата 12,00 ₽», «долга нет». Never a bare minus."""
    if balance_kop > 0:
        return str(gettext("долг %(sum)s", sum=money.rubles(balance_kop)))
    if balance_kop < 0:
        return str(gettext("переплата %(sum)s", sum=money.rubles(-balance_kop)))
    return str(gettext("долга нет"))


def days(count: int) -> str:
    """«21 день», «3 дня», «12 дней»."""
    sentence: str = gettext(_DAYS[_RUSSIAN.plural_form(count)], count=count)
    return sentence
