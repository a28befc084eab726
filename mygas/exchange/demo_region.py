"""A made-up region: who lives there and where, what gas does in a house and what it costs.

Nothing here is anybody's data: names and streets are the commonest ones, put together by chance.
"""

from dataclasses import dataclass
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES = _words(
    "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов "
    "Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев "
    "Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин"
)
_MEN = _words("Александр Сергей Дмитрий Андрей Алексей Владимир Николай Иван Михаил Павел Виктор Юрий Олег Пётр Константин")
_WOMEN = _words("Елена Ольга Наталья Татьяна Ирина Светлана Мария Анна Галина Людмила Екатерина Нина Валентина Вера Надежда")
_FATHERS = _words("Александр Иван Владимир Михаил Степан Алексей Николай Сергей Виктор")
_TOWNS = (("г. Светлоград", 8), ("пгт Заречный", 2))
_VILLAGES = (("пгт Заречный", 4), ("с. Берёзовка", 3), ("с. Никольское", 2), ("д. Верхние Ключи", 2), ("п. Лесной", 1))
_STREETS = _words(
    "Советская Октябрьская Молодёжная Центральная Школьная Садовая Лесная Набережная Полевая Заводская Луговая Новая Мира "
    "Гагарина Кирова Пушкина Лермонтова Чапаева Победы Строителей"
)
METERS = (("СГМН-1 G6", 5), ("ВК-G4T", 5), ("Гранд-4", 5), ("BK-G2,5", 5), ("СГД G4", 5), ("РЛ G6", 6))
"""Models with their capacity in digits."""

HEATING = (1.0, 0.9, 0.72, 0.38, 0.06, 0.0, 0.0, 0.0, 0.1, 0.45, 0.74, 0.95)
"""What a house burns for heat from January to December, as a share of January."""
COLD_MICRO = (1_121_300, 1_112_800, 1_081_400, 1_046_900, 1_019_500, 1_004_200,
              1_000_000, 1_001_700, 1_027_600, 1_054_100, 1_089_200, 1_114_500)  # fmt: skip
"""By what the volume of a meter in the cold is multiplied from January to December, millionths: 293 K by the air's."""
HEATING_MILLI_PER_M2 = 11_000
COOKING_MILLI = 10_000
WATER_MILLI = 9_000
"""Norms: thousandths of m³ a month, of January's heating per m², of cooking and of hot water per person."""

MAINTENANCE_KOP = 94_050
"""Yearly maintenance of the equipment."""
_BASE_YEAR, _HEATING_PRICE, _COOKING_PRICE = 2025, 769_000, 830_000
_RISES = {2022: 1034, 2023: 1085, 2024: 1112, 2025: 1103}  # thousandths, on 1 July


@dataclass(frozen=True)
class Dwelling:
    """One household. `heated`: gas warms the house (or only cooks); `model` is empty where there is no meter; `outside`: the
    meter hangs where nothing is heated."""

    holder: str
    address: str
    area: int
    residents: int
    heated: bool
    water: bool
    model: str
    digits: int
    outside: bool

    @property
    def equipment(self) -> str:
        parts = ["плита ПГ-4"] + ["водонагреватель ВПГ-20"] * self.water + ["котёл АОГВ-17,4"] * self.heated
        return ", ".join(parts)

    def coefficient_micro(self, month: int) -> int:
        """Millionths by which the meter's volume is multiplied in a month (1 to 12), 0 in a warm room."""
        return COLD_MICRO[month - 1] if self.outside else 0

    def norm_milli(self, month: int) -> int:
        """Thousandths of m³ that the household is charged for in a month (1 to 12) without a meter."""
        people = self.residents * (COOKING_MILLI + self.water * WATER_MILLI)
        heat = round(self.area * HEATING_MILLI_PER_M2 * HEATING[month - 1]) if self.heated else 0
        return people + heat


def dwelling(rng: Random, *, metered: bool, village: bool) -> Dwelling:
    """A household drawn by chance; in a village gas warms the house, in a town mostly not."""
    heated = village or rng.random() < 0.1
    model, digits = METERS[int(rng.random() * len(METERS))] if metered else ("", 5)
    return Dwelling(
        holder=_holder(rng),
        address=_address(rng, village),
        area=int(rng.gauss(72, 20) if village else rng.gauss(54, 12)) % 200 + 18,
        residents=1 + int(rng.random() * rng.random() * 6),
        heated=heated,
        water=heated or rng.random() < 0.5,
        model=model,
        digits=digits,
        outside=metered and village and rng.random() < 0.25,
    )


def price_kop(year: int, month: int, heated: bool) -> int:
    """Kopecks per 1000 m³ in a month; changes on 1 July of each year (product.md §3.3)."""
    tariff_year = _tariff_year(year, month)
    price = _HEATING_PRICE if heated else _COOKING_PRICE
    for passed in range(_BASE_YEAR + 1, tariff_year + 1):
        price = (price * _RISES.get(passed, 1096) + 500) // 1000
    for ahead in range(_BASE_YEAR, tariff_year, -1):
        rise = _RISES.get(ahead, 1096)
        price = (price * 1000 + rise // 2) // rise
    return price


def price_act(year: int, month: int) -> str:
    """The act, made up, that set the price of a month."""
    tariff_year = _tariff_year(year, month)
    return f"Приказ РЭК № 000-{tariff_year} от 19.06.{tariff_year} (пример)"


def _tariff_year(year: int, month: int) -> int:
    return year if month >= 7 else year - 1


def _holder(rng: Random) -> str:
    surname, father = rng.choice(_SURNAMES), rng.choice(_FATHERS)
    if rng.random() < 0.5:
        return f"{surname} {rng.choice(_MEN)} {_patronymic(father, 'ич')}"
    return f"{surname}а {rng.choice(_WOMEN)} {_patronymic(father, 'на')}"


def _patronymic(father: str, ending: str) -> str:
    return (father[:-1] + "ев" if father.endswith("й") else father + "ов") + ending


def _address(rng: Random, village: bool) -> str:
    names, weights = zip(*(_VILLAGES if village else _TOWNS), strict=True)
    place = f"{rng.choices(names, weights)[0]}, ул. {rng.choice(_STREETS)}, д. {1 + int(rng.random() * 120)}"
    return place if village else f"{place}, кв. {1 + int(rng.random() * 90)}"
