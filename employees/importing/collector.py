"""Keep Python's cyclic garbage collector out of the way of large batches."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Let memory be freed by reference counts alone inside the block.

    Thousands of rows are hundreds of thousands of objects that live to the end of the
    import. The collector walks them again and again and finds nothing: a third of the
    time of planning.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
