"""One time limit for a whole conversation with another host."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mygas.gateways.contract import TryLater


@contextmanager
def deadline(seconds: float, current: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut the conversation after `seconds` and raise TryLater, however busily the other side drips its bytes.

    A socket's own time-out starts anew with each byte, and a worker that waits too long loses its lease on the outbox
    row. `current` tells which socket the conversation is on now: there is none at first, and TLS changes it midway.
    """
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        if done.wait(seconds):
            return
        late.set()
        while not done.is_set():
            if (line := current()) is not None:
                with suppress(OSError):
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # of the line itself, leaving TLS in the reader's hands
            done.wait(0.2)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except Exception:
        if late.is_set():
            raise TryLater("no answer in time") from None
        raise
    finally:
        done.set()
    if late.is_set():  # a line cut in the middle of an answer can look like its end
        raise TryLater("no answer in time")
