"""What of the lessons reaches the log of the installation."""

import logging

from flask import current_app, has_app_context


def belongs_to_the_log(record: logging.LogRecord) -> bool:
    """All that the real portal says; of the lessons errors alone, marked: user 7 of a lesson is not user 7 of the portal."""
    if not has_app_context() or not (mount := current_app.extensions["settings"].mount):
        return True
    record.portal = mount
    return record.levelno >= logging.ERROR
