"""Words that depend on a number."""

from __future__ import annotations


def plural(n: int, one: str, many: str = "") -> str:
    """ "1 row", "2,000 rows"; `many` where an s does not make it several."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
