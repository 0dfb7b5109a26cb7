"""What the garbage collector need not look at."""

from __future__ import annotations

import gc

OFTEN = 50_000
"""After so many new objects it looks for rings of them: a batch of a thousand leads makes that many, and no ring."""


def spare_what_is_loaded() -> None:
    """Have the collector pass over all there is now, which stays for good, and come less often.

    Else it goes through a quarter of a million objects again and again: 17 ms for every thousand leads of a batch.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN)
