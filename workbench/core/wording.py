"""Words that depend on a number."""

from __future__ import annotations

import math


def plural(n: int, one: str, many: str = "") -> str:
    """ "1 row", "2,000 rows"; `many` where an s does not make it several."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def time_left(seconds: float) -> str:
    """Seconds as people say them: "2:10", "1:02:30", "8 s"; "" when they are not known."""
    if not math.isfinite(seconds) or seconds < 0:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
