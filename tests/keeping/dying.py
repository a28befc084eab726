"""Makes a backup and kills itself with SIGKILL when it comes to a step.

python -m tests.keeping.dying DATA_DIR DATABASE_URL FOLDER STEP
"""

import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from mygas import create_app
from mygas.keeping import backup, databases, files, manifest
from mygas.settings import Keys, Settings

STEPS = {
    "the database is copied": (databases, "copy", "after"),
    "a sealed file is being copied": (files, "copied", "before"),
    "all but the manifest": (manifest, "write", "before"),
    "the manifest too": (manifest, "write", "after"),
}


def main() -> None:
    data_dir, url, folder, step = sys.argv[1:]
    room, name, when = STEPS[step]
    does = getattr(room, name)

    def dies(*words: Any, **more: Any) -> None:
        if when == "after":
            does(*words, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(room, name, dies)
    keys = Keys(*(secrets.token_bytes(32) for _ in range(5)))
    settings = Settings(data_dir=Path(data_dir), keys=keys, demo=True, database_url=url)
    with create_app(settings).app_context():
        backup.make(settings, Path(folder), portal="1.0")


if __name__ == "__main__":
    main()
