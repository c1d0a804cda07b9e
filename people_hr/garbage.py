"""Keep Python's cyclic garbage collector away from what stays for ever."""

import gc

#: So many more new objects than freed ones bring the collector about. Python's 700 are
#: reached many times by one page, which leaves none behind.
YOUNG = 20_000


def leave_out_what_is_loaded() -> None:
    """Let the collector never again look at what the program has loaded by now.

    Call it once, when everything is imported. Otherwise now and then a request waits
    while all classes and modules are walked, in which nothing is ever found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
