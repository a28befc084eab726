"""The log: one JSON object a line on stderr, so that nothing a visitor typed can forge a line (ASVS 16.4.1)."""

import json
import logging
import sys
from collections.abc import Callable

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Time, level, logger, message, and whatever `extra` was given. Never pass codes, PINs, passwords or contacts."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "log": record.name, "message": record.getMessage()}
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def to_stderr(level: int = logging.INFO, only: Callable[[logging.LogRecord], bool] | None = None) -> None:
    """Send all logs of this process to stderr, or those `only` that belong there."""
    handler = logging.StreamHandler(sys.stderr)
    if only:
        handler.addFilter(only)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table of each font that it cuts
