"""One HTTP question and its answer: one host, one time limit, a bounded answer, no redirects, certificates always verified."""

import http.client
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from mygas.gateways.deadline import deadline


class Host(NamedTuple):
    """Whom to ask. `context` is None for plain HTTP; `timeout` is in seconds for the whole exchange."""

    name: str
    port: int | None
    context: ssl.SSLContext | None
    timeout: float


class Question(NamedTuple):
    """A request as http.client takes it; `target` is path and query."""

    method: str
    target: str
    body: bytes | None
    headers: Mapping[str, str]


def ask(host: Host, question: Question, most: int) -> tuple[int, bytes]:
    """The status and the first `most` bytes of the answer.

    Raises TryLater when the time is over, OSError and http.client.HTTPException for a line that broke, ValueError for an
    answer that is no HTTP.
    """
    connection = _connection(host)
    line = None
    try:
        with deadline(host.timeout, lambda: line or connection.sock):
            connection.connect()
            line = connection.sock  # http.client forgets it as soon as the answer begins
            connection.request(question.method, question.target, question.body, {"Connection": "close", **question.headers})
            response = connection.getresponse()
            return response.status, response.read(most)
    finally:
        connection.close()


def _connection(host: Host) -> http.client.HTTPConnection:
    if host.context:
        return http.client.HTTPSConnection(host.name, host.port, timeout=host.timeout, context=host.context)
    return http.client.HTTPConnection(host.name, host.port, timeout=host.timeout)
