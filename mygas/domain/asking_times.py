"""When the acquirer is asked of a payment: by the cashier at pauses as long as it is old, by the payer's page much sooner."""

from datetime import datetime, timedelta

from mygas.models import Order

LEASE = timedelta(seconds=60)  # longer than any question to the acquirer may take: who asks has the order for so long
KEY_LIVES = timedelta(hours=23)  # YooKassa knows an idempotence key for 24 h: after that the same key would pay anew
EXPIRES = timedelta(minutes=90)  # GOV.UK Pay's: a pending payment is over, if the acquirer, asked then, says nothing else

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_PAUSES = {
    "unknown": (_MINUTE, 10 * _MINUTE),  # the payer waits, and the acquirer may be back any moment
    "pending": (timedelta(seconds=10), _DAY),  # its notification may be lost, and a page without scripts only looks
    "canceled": (5 * _MINUTE, _DAY),  # let go by the payer, or by us: the acquirer may yet take the money
    "expired": (5 * _MINUTE, _DAY),
    "succeeded": (_MINUTE, _DAY),  # its fiscal receipt is being made
}
_RHYTHM = ((10, timedelta(seconds=3)), (34, timedelta(seconds=5)))  # 3 s for half a minute, then 5 s for two minutes


def next_ask(order: Order, now: datetime, *, just_paid: bool = False) -> datetime | None:
    """When the cashier is to ask again, given that he asked now and the payment is not over; None for a state that waits for
    people. `just_paid`: by the answer that came now; the payer may have paid long ago.
    """
    if order.state not in _PAUSES:
        return None
    shortest, longest = _PAUSES[order.state]
    age = timedelta(0) if just_paid else now - ((order.state == "succeeded" and order.paid_at) or order.created_at)
    pause = min(max(age, shortest), longest)
    if order.state == "pending" and age < EXPIRES:
        pause = min(pause, max(EXPIRES - age, timedelta(seconds=1)))
    return now + pause


def page_pause(asks: int) -> timedelta:
    """How long a payer's page waits after the last question before it may ask again; `asks` is how many there were."""
    return next((pause for most, pause in _RHYTHM if asks < most), timedelta(seconds=30))
