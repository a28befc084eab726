"""Files that people send: cleaned and sealed on the disk before any transaction is open."""

from flask import current_app
from werkzeug.datastructures import FileStorage

from mygas.domain.scans import KeptScan
from mygas.extensions import db
from mygas.words import Refused

MOST_BYTES = 32 * 1024 * 1024  # of a request, as the web server takes: a file over its limit comes back as a sentence


def keep(upload: FileStorage, field: str = "scan") -> KeptScan:
    """Clean the file and seal it on the disk. Raises Refused on its field."""
    scans = current_app.extensions["scans"]
    db.session.rollback()
    try:
        clean = scans.clean(upload.stream, upload.filename or "")
    except Refused as refusal:
        raise Refused(refusal.sentence, field, **refusal.values) from refusal
    ref, key = scans.keep(clean)
    return KeptScan(ref, key, clean.media_type, len(clean.data))
