"""How far a long command has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, drawn on a terminal only (tqdm's `disable=None`)."""
    with tqdm(desc=title, disable=None, unit_scale=True, leave=False) as drawn:

        def progress(done: int, of: int) -> None:
            drawn.total = of
            drawn.update(done - drawn.n)

        yield progress
