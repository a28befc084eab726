"""What the portal says of a payment in each of its states: what happened to the money, and what to do."""

from dataclasses import dataclass, replace

from mygas.domain.orders import ASKED_ON
from mygas.domain.paying import Order
from mygas.words import N_


@dataclass(frozen=True)
class Words:
    """`short` stands in lists; `kind` is the colour of the notice (kit.notice); `money` and `todo` are sentences of the page."""

    short: str
    kind: str
    headline: str
    money: str
    todo: str


_IN_A_MONTH = N_(
    "Банк зачисляет деньги в срок до 30 дней, обычно за несколько дней. Если они не придут, "
    "спросите в банке, который выпустил карту."
)
STATES = {
    "created": Words(
        N_("начат"),
        "info",
        N_("Платёж начат, но в банк не передан"),
        N_("Деньги не списаны: данных карты Вы ещё не вводили."),
        N_("Нажмите «Продолжить оплату»: откроется страница банка."),
    ),
    "submitting": Words(
        N_("передаётся в банк"),
        "info",
        N_("Передаём платёж в банк"),
        N_("Деньги пока не списаны: данных карты Вы ещё не вводили."),
        N_("Подождите несколько секунд: страница обновится сама. Не начинайте оплату заново."),
    ),
    "unknown": Words(
        N_("выясняется"),
        "warn",
        N_("Банк не ответил: выясняем, что с платежом"),
        N_(
            "Не платите второй раз. Если Вы не вводили данные карты, деньги не списаны; если вводили и банк их списал, "
            "платёж найдётся здесь сам."
        ),
        N_("Ничего делать не нужно: мы спрашиваем банк, пока он не ответит. Сюда можно вернуться позже из раздела «Платежи»."),
    ),
    "pending": Words(
        N_("ждёт оплаты"),
        "info",
        N_("Банк ждёт оплаты"),
        N_("Деньги ещё не списаны — или списаны только что, и банк об этом ещё не сообщил."),
        N_(
            "Если Вы уже оплатили, подождите: обычно это меньше минуты, страница обновится сама. "
            "Если ещё нет, продолжите оплату на странице банка."
        ),
    ),
    "succeeded": Words(
        N_("оплачено"),
        "good",
        N_("Оплачено"),
        N_("Банк списал деньги с Вашей карты. Мы передадим платёж поставщику, второй раз платить не нужно."),
        N_("Сохраните документ об оплате, если он Вам нужен. Ниже видно, где платёж сейчас."),
    ),
    "canceled": Words(
        N_("отменён"),
        "warn",
        N_("Платёж отменён"),
        N_("Деньги не списаны. Если банк их придержал на карте, он вернёт их сам."),
        N_("Можно заплатить ещё раз, той же картой или другой."),
    ),
    "expired": Words(
        N_("время истекло"),
        "warn",
        N_("Время на оплату истекло"),
        N_("Банк не получил денег за этот платёж. Если они всё же придут, платёж оживёт здесь сам."),
        N_("Если деньги с карты списаны, подождите и не платите второй раз. Если нет, заплатите ещё раз."),
    ),
    "failed": Words(
        N_("не принят банком"),
        "warn",
        N_("Банк не принял платёж"),
        N_("Деньги не списаны: до оплаты картой дело не дошло."),
        N_("Попробуйте ещё раз. Если не получается и во второй раз, заплатите другим способом или позвоните поставщику."),
    ),
    "review": Words(
        N_("проверяется"),
        "warn",
        N_("Платёж проверяет оператор"),
        N_("Ответ банка не сходится с Вашим платежом. Деньги не пропали, но поставщику пока не переданы."),
        N_(
            "Не платите второй раз. Оператор разберётся и зачислит деньги или вернёт их на карту; "
            "о результате скажет эта страница."
        ),
    ),
    "refund_pending": Words(
        N_("возвращается"),
        "info",
        N_("Деньги возвращаются"),
        N_("Возврат всей суммы на Вашу карту передан банку."),
        N_("Банк зачисляет деньги в срок до 30 дней, обычно за несколько дней."),
    ),
    "refunded": Words(
        N_("возвращён"),
        "info",
        N_("Деньги возвращены"),
        N_("Банк вернул всю сумму на карту, с которой Вы платили. На счёте у поставщика её нет."),
        _IN_A_MONTH,
    ),
}
BACK = Words(
    STATES["pending"].short,
    "info",
    N_("Проверяем оплату у банка"),
    N_("Если Вы оплатили, не платите второй раз: банк сообщит об этом через несколько секунд."),
    N_("Подождите: страница обновится сама."),
)
"""Of a pending one whose payer has just come back from the bank."""
_ASKED_ON = {
    "money": N_("Банк ещё не подтвердил, что денег не возьмёт."),
    "todo": N_(
        "Если Вы уже ввели карту или подтвердили оплату — не платите второй раз: мы спрашиваем банк, "
        "и если деньги списаны, платёж будет зачислен."
    ),
}
_RETURNED = {  # an operator has looked into it, after the bank had taken money
    "money": N_("Ответ банка не сошёлся с Вашим платежом: он не зачислен, деньги возвращены на карту."),
    "todo": _IN_A_MONTH,
}
REASONS = {  # of a cancellation, as acquirers and domain.paying name them; what is not here is not told: it would help nobody
    "insufficient_funds": N_("На карте не хватило денег."),
    "card_expired": N_("Срок действия карты истёк."),
    "invalid_card_number": N_("Номер карты введён с ошибкой."),
    "invalid_csc": N_("Код с обратной стороны карты введён с ошибкой."),
    "3d_secure_failed": N_("Подтвердить оплату кодом из СМС или в приложении банка не удалось."),
    "issuer_unavailable": N_("Банк, выпустивший карту, не отвечает. Попробуйте позже."),
    "call_issuer": N_("Банк, выпустивший карту, оплату не разрешил. Позвоните ему."),
    "general_decline": N_("Банк, выпустивший карту, оплату не разрешил. Позвоните ему."),
    "payment_method_limit_exceeded": N_("Превышен предел платежей по этой карте за день или за месяц."),
    "payment_method_restricted": N_("Этой картой так платить нельзя. Возьмите другую."),
    "country_forbidden": N_("Картой этой страны заплатить нельзя. Возьмите другую."),
    "expired_on_confirmation": N_("Оплату не успели подтвердить."),
    "given-up": N_("Вы отказались от этого платежа."),
    "abandoned": N_("Платёж начат, но в банк так и не передан."),
    "not-in-register": N_("Банк о таком платеже не знает."),
}

SOURCES = {  # of an event, as domain.orders writes it down: who moved the payment
    "user": N_("плательщик"),
    "portal": N_("портал"),
    "page": N_("портал"),
    "cashier": N_("портал"),
    "register": N_("сверка с банком"),
    "fiscal": N_("касса"),
    "operator": N_("оператор"),
}


def of(order: Order) -> Words:
    """What the payer's page says: of a payment that is over by our word alone, not that the money is safe."""
    words = STATES[order.state]
    if order.state == "canceled" and order.reason == "returned":
        return replace(words, **_RETURNED)
    return replace(words, **_ASKED_ON) if is_asked_on(order) else words


def is_asked_on(order: Order) -> bool:
    """Whether the bank may yet take the money for a payment that is over here."""
    return order.state in ASKED_ON and order.ask_at is not None
