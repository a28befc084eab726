"""Imports a folder, and kills itself with SIGKILL before its statement of a given number, or before a step of importing.py.
With 0 it lives on and prints how many statements there were.

    python -m tests.exchange.dying FOLDER DATABASE_URL POINT
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from mygas.exchange import importing, writing
from mygas.exchange.store import Store
from tests.exchange.registry import bring


class Countdown:
    """Counts every statement of ours, over the raw connection and over SQLAlchemy's."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.count = 0

    def step(self, *_: Any, **__: Any) -> None:
        self.count += 1
        if self.count == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, url, point = sys.argv[1:]
    countdown = Countdown(int(point) if point.isdigit() else 0)
    if not point.isdigit():
        setattr(importing, point, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    run, writing.CHUNK = Store.run, 100

    def counted(store: Store, sql: str, **values: Any) -> Any:
        countdown.step()
        return run(store, sql, **values)

    Store.run = counted  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", countdown.step)
    event.listen(Engine, "commit", countdown.step)
    bring(Path(folder), url)
    print(countdown.count)  # noqa: T201


if __name__ == "__main__":
    main()
