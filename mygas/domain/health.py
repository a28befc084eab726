"""What the portal can say of its own health."""

from typing import Any

from mygas import clock
from mygas.domain import outbox

LAG_ALARM = 120.0  # seconds


def facts() -> dict[str, Any]:
    """Whether the database answers, how long the oldest due message has been waiting, how many are dead."""
    lag, dead = outbox.lag(clock.now())
    return {"ready": lag < LAG_ALARM, "outbox_lag_seconds": round(lag, 1), "outbox_dead": dead}
