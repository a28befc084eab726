"""How registries' words for charges and readings are said in Russian, on pages and papers alike."""

from mygas.words import N_

METHODS = {
    "meter": N_("по прибору учёта"),
    "average": N_("по среднему расходу"),
    "norm": N_("по нормативу"),
    "fixed": N_("твёрдая сумма"),
}
SOURCES = {
    "subscriber": N_("абонент"),
    "inspector": N_("контролёр"),
    "estimate": N_("расчётное"),
    "remote": N_("телеметрия"),
}
