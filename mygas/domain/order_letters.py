"""What users are told of their payments when they no longer look: a doubt that is over, a late success, a refund."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mygas import clock, money
from mygas.domain import notices
from mygas.domain.orders import UNPAID
from mygas.domain.wording import Letter, Words, addressee
from mygas.extensions import db
from mygas.models import Order, OrderEvent, User
from mygas.words import N_

NEWS_LIFE = timedelta(days=3)


def tell(order: Order, before: str) -> None:
    """Promise a message when the order has just left a state in which the payer was told to wait, or that it was over."""
    if order.state == before:
        return
    if order.state == "succeeded" and before in UNPAID | {"unknown", "review"}:
        promise(order, "succeeded")
    elif order.state == "canceled" and order.reason == "returned":
        promise(order, "returned")
    elif order.state in UNPAID and (before == "unknown" or (order.state == "expired" and _was_unknown(order))):
        promise(order, "unpaid" if order.reason else "overdue")  # without a reason it is over by our word alone


def promise(order: Order, news: str) -> None:
    """Promise the message, once for this move of the order, by the contacts that its payer wants to hear of payments by."""
    payload = {"order": order.id, "news": news}
    key = f"order:{news}:{order.id}:{order.version}"
    notices.tell(order.user_id, "payment", "order-news", key, payload, expires_at=clock.now() + NEWS_LIFE)


def order_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """None when the user is no more. An SMS tells the number of the payment and the sum, no account."""
    order = db.session.get_one(Order, payload["order"])
    told = addressee(db.session.get_one(User, order.user_id), payload)
    if told is None:
        return None
    subject, short, long = _NEWS[payload["news"]]
    say = told.speech.say
    body = say(long, order=order.id, sum=money.rubles(order.total_kop), number=order.account.number)
    body += "\n\n" + say("Всё о платеже: %(link)s", link=public_url + "/payments/" + order.ref)
    return Words(say(subject), say(short, order=order.id, sum=money.plain(order.total_kop)), body).to(told)


def _was_unknown(order: Order) -> bool:
    """Whether the payer may have left while the acquirer did not answer, and knows no more than that."""
    doubt = db.select(OrderEvent.id).filter_by(order_id=order.id, to_state="unknown")
    return db.session.execute(doubt.limit(1)).first() is not None


_NEWS = {
    "succeeded": (
        N_("Платёж прошёл"),
        N_("Платёж %(order)s на %(sum)s руб. прошёл. «Мой газ» Smorodina"),
        N_(
            "Платёж № %(order)s на %(sum)s по лицевому счёту %(number)s прошёл: банк подтвердил его. Платить второй раз не нужно."
        ),
    ),
    "unpaid": (
        N_("Платёж не прошёл"),
        N_("Платёж %(order)s не прошёл, деньги не списаны. «Мой газ» Smorodina"),
        N_(
            "Платёж № %(order)s на %(sum)s по лицевому счёту %(number)s не прошёл: банк подтвердил, что деньги не списаны.\n"
            "Вы можете заплатить ещё раз."
        ),
    ),
    "overdue": (
        N_("Платёж не завершён вовремя"),
        N_("Платёж %(order)s не завершён. Если деньги списаны, не платите снова"),
        N_(
            "Платёж № %(order)s на %(sum)s по лицевому счёту %(number)s не завершён вовремя.\n"
            "Если деньги с карты списаны, не платите второй раз: мы спрашиваем банк, узнаем об этом и зачислим их.\n"
            "Если не списаны, Вы можете заплатить ещё раз."
        ),
    ),
    "returned": (
        N_("Платёж не зачислен, деньги возвращены"),
        N_("Платёж %(order)s не зачислен, деньги возвращены. «Мой газ»"),
        N_(
            "Платёж № %(order)s по лицевому счёту %(number)s не зачислен: ответ банка не сошёлся с ним. "
            "Оператор проверил платёж, деньги возвращены на Вашу карту.\n"
            "Банк зачисляет их в срок до 30 дней, обычно за несколько дней. Вы можете заплатить ещё раз."
        ),
    ),
    "refund-failed": (
        N_("Возврат пока не прошёл"),
        N_("Возврат %(sum)s руб. по платежу %(order)s пока не прошёл. Разбираемся"),
        N_(
            "Возврат пока не прошёл: банк не вернул %(sum)s по платежу № %(order)s (лицевой счёт %(number)s).\n"
            "Мы разбираемся. Ничего делать не нужно."
        ),
    ),
    "refunded": (
        N_("Деньги возвращены"),
        N_("Возврат %(sum)s руб. по платежу %(order)s отправлен. «Мой газ»"),
        N_(
            "Деньги по платежу № %(order)s, %(sum)s (лицевой счёт %(number)s), отправлены обратно на Вашу карту.\n"
            "Банк зачисляет их в срок до 30 дней, обычно за несколько дней."
        ),
    ),
}
