"""How volumes, areas, prices, balances and terms look on a page: filters of the templates. Integers in, words of the page's
language out."""

from flask import Blueprint
from flask_babel import gettext, ngettext

from mygas import money
from mygas.domain import metering
from mygas.money import NBSP, Kopecks
from mygas.web import languages


def register(bp: Blueprint) -> None:
    """Give the filters to all templates."""
    for filter_ in (rubles, volume, coefficient, area, amount, price, standing, days):
        bp.add_app_template_filter(filter_)


def rubles(kopecks: Kopecks) -> str:
    """«1 234,56 ₽»."""
    return _figure(money.rubles(kopecks))


def volume(milli: int) -> str:
    """«50,123» m³, from thousandths."""
    return _figure(metering.volume(milli))


def coefficient(micro: int) -> str:
    """«1,0832», from millionths."""
    return _decimal(micro, 6)


def corrected(milli: int, micro: int) -> str:
    """«53,72672» m³, the whole product: thousandths of m³ multiplied by millionths."""
    return _decimal(milli * micro, 9)


def area(cm2: int) -> str:
    """«54,3» m², from cm²."""
    return _decimal(cm2, 4)


def amount(kopecks: Kopecks) -> str:
    """«1 234,56»: a sum where the table says that these are rubles."""
    return rubles(kopecks).removesuffix(f"{NBSP}₽")


def price(price_kop: int) -> str:
    """«7,69 ₽» for one m³, from kopecks per 1000 m³: at least two decimals, five where the price has them."""
    return _decimal(price_kop, 5, at_least=2) + f"{NBSP}₽"


def standing(balance_kop: Kopecks) -> str:
    """A balance in words: «долг 833,00 ₽», «переплата 12,00 ₽», «долга нет». Never a bare minus."""
    if balance_kop > 0:
        return str(gettext("долг %(sum)s", sum=rubles(balance_kop)))
    if balance_kop < 0:
        return str(gettext("переплата %(sum)s", sum=rubles(-balance_kop)))
    return str(gettext("долга нет"))


def days(count: int) -> str:
    """«21 день», «3 дня», «12 дней»."""
    sentence: str = ngettext("%(num)s день", "%(num)s дней", count)
    return sentence


def _decimal(value: int, places: int, at_least: int = 0) -> str:
    return _figure(metering.decimal(value, places, at_least))


def _figure(russian: str) -> str:
    return languages.spoken().figure(russian)
