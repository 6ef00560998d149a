"""Dates within text: 2024-01-31, 31.1.2024 13:45, 1/31/24 1:45 PM, 3 Jan 2024, 20240131.

Only the standard library: the source of these functions is written into the pandas script that a person takes away.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata


def date_in(text: object, order: str = "day first") -> dt.datetime | None:
    """The one date in `text`, None when there is none.

    order: "day first", "month first" or "year first", for 03/04/05; "day first, else month first" and the other way
    round read 01/31/24 too. Years of two figures below 69 are 20xx, as POSIX has it. A time zone given as an offset is
    taken into account: the answer is in universal time.
    """
    if ", else " in order:
        one, other = order.split(", else ")
        return date_in(text, one) or date_in(text, other)
    word = " ".join(str(text).split()).replace("\u2212", "-")
    word = re.sub(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", "", word, flags=re.I)
    clock = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?\s*([ap]\.?m\.?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?"
    found = re.fullmatch(rf"(.+?)(?:[t ,]+{clock})?", word, re.I)
    if not found:
        return None
    day, hour, minute, second, part, half, zone = found.groups()
    months = {
        "jan": 1,
        "ene": 1,
        "gen": 1,
        "feb": 2,
        "fev": 2,
        "mar": 3,
        "mrz": 3,
        "mae": 3,
        "apr": 4,
        "avr": 4,
        "abr": 4,
        "may": 5,
        "mai": 5,
        "mag": 5,
        "jun": 6,
        "giu": 6,
        "juin": 6,
        "jul": 7,
        "lug": 7,
        "juil": 7,
        "aug": 8,
        "aou": 8,
        "ago": 8,
        "sep": 9,
        "set": 9,
        "oct": 10,
        "okt": 10,
        "out": 10,
        "ott": 10,
        "nov": 11,
        "dec": 12,
        "dez": 12,
        "dic": 12,
    }

    def month_of(name: str) -> int:
        plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if c.isalpha() and c.isascii())
        return months.get(plain[:4], months.get(plain[:3], 0))

    figures = re.fullmatch(r"(\d{1,4})[-/. ]\s?(\d{1,2})[-/. ]\s?(\d{1,4})", day)
    compact = re.fullmatch(r"(1[89]|20)(\d{2})(\d{2})(\d{2})", day)
    name = r"([^\W\d_]{3,10})\.?"
    day_name = re.fullmatch(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-. ]*{name}[-, ]*(\d{{4}}|\d{{2}})", day, re.I)
    name_day = re.fullmatch(rf"{name}[-. ]*(\d{{1,2}})(?:st|nd|rd|th)?,?[-, ]+(\d{{4}}|\d{{2}})", day, re.I)
    month_year = re.fullmatch(rf"{name}[-, ]*(\d{{4}})", day, re.I)
    year_month = re.fullmatch(r"(\d{4})[-/.](\d{1,2})", day)
    if figures:
        first, middle, last = figures.groups()
        if len(first) > 2 or (order == "year first" and len(last) <= 2):
            y, m, d = first, middle, last
        elif order == "month first":
            y, m, d = last, first, middle
        else:
            y, m, d = last, middle, first
    elif compact:
        y, m, d = compact[1] + compact[2], compact[3], compact[4]
    elif day_name:
        y, m, d = day_name[3], str(month_of(day_name[2])), day_name[1]
    elif name_day:
        y, m, d = name_day[3], str(month_of(name_day[1])), name_day[2]
    elif month_year:
        y, m, d = month_year[2], str(month_of(month_year[1])), "1"
    elif year_month:
        y, m, d = year_month[1], year_month[2], "1"
    else:
        return None
    if len(y) not in (2, 4) or len(d) > 2:
        return None
    year = int(y) if len(y) == 4 else int(y) + (2000 if int(y) < 69 else 1900)
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    try:
        stamp = dt.datetime(
            year, int(m), int(d), hours, int(minute or 0), int(second or 0), int((part or "").ljust(6, "0"))
        )
        if zone and zone[0] in "+-":
            away = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            stamp = stamp - away if zone[0] == "+" else stamp + away
    except (ValueError, OverflowError):
        return None
    return stamp


def date_order(texts: list[str]) -> str:
    """ "day first" or "month first", judged by all; "both" when cells of either kind occur; "" when they do not tell.

    Figures above 12 can only be days. Dates with points are written day first nearly everywhere.
    """
    days = months = dotted = open_ = 0
    for text in texts:
        found = re.match(r"\s*(\d{1,2})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d)", str(text))
        if not found:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 and second <= 12:
            days += 1
        elif second > 12 and first <= 12:
            months += 1
        elif first != second:
            open_ += 1
            dotted += found[2] == "."
    if days and months:
        return "both"
    if months:
        return "month first"
    return "day first" if days or dotted == open_ else ""
