"""Numbers within text: "$1,234.50", "12 %", "3,5 kg", "(7)", "20k".

Only the standard library: the source of these functions is written into the pandas script that a person takes away.
"""

from __future__ import annotations

import math
import re


def number_in(text: object, decimal: str = ".") -> float:
    """The one number in `text`, NaN when there is none, more than one, or when it is part of a code such as C85.

    Currency before it and a unit or percent sign behind it are dropped, marks of thousands taken out; (7) is -7, 20k is
    20000, 1.5M is 1500000; 12 % stays 12.
    """
    word = str(text).replace("\u2212", "-").strip()
    negative = word.startswith("(") and word.endswith(")")
    word = word.strip("()").strip()
    codes = "USD|EUR|GBP|JPY|CHF|CNY|INR|SEK|NOK|DKK|AUD|CAD|NZD|PLN|CZK|HUF|BRL|MXN|KRW|ZAR|TRY|RUB|SGD|HKD"
    money = rf"(?:[A-Z]{{0,2}}[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20ba\u00a2~\u2248]|Rs\.?|kr\.?|{codes})?"
    figure = r"(\d[\d.,'\u2019\s]*|[.,]\d+)(e[+-]?\d+)?"
    found = re.fullmatch(
        rf"([+-]?)\s*{money}\s*([+-]?)\s*{figure}([^\d<>=/:]{{0,14}}(?:/[^\d<>=:]{{1,6}})?)", word, re.I
    )
    if not found:
        return math.nan
    digits = re.sub(r"\s+$", "", found[3])
    mark, group = (",", ".") if decimal == "," else (".", ",")
    whole, point, part = digits.rstrip(".,").partition(mark)
    groups = re.split(rf"[{group}'\u2019\s]", whole)
    in_threes = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3)
    plain = all(re.fullmatch(r"\d{2,3}", g) for g in groups[1:]) and re.fullmatch(r"\d*", groups[0] + part)
    if not in_threes or not plain or (point and not part) or not "".join(groups) + part:
        return math.nan
    value = float(f"{''.join(groups) or '0'}.{part or '0'}{found[4] or ''}")
    factor = {"k": 1e3, "K": 1e3, "M": 1e6}.get(found[5].rstrip(), 1.0)
    return -value * factor if negative != ("-" in (found[1], found[2])) else value * factor


def decimal_mark(texts: list[str]) -> str:
    """ "," or "." as the mark of decimals, judged by all: 1.234,5 and 3,5 need a comma, 1,234 and 3.5 a point."""
    for text in texts:
        figure = re.search(r"\d[\d.,]*", str(text))
        if not figure:
            continue
        digits = figure[0].rstrip(".,")
        point, comma = digits.rfind("."), digits.rfind(",")
        if point >= 0 and comma >= 0:
            return "," if comma > point else "."
        if comma >= 0 and digits.count(",") == 1 and len(digits) - comma != 4:
            return ","
        if point >= 0 and digits.count(".") == 1 and len(digits) - point != 4:
            return "."
        if digits.count(".") > 1:
            return ","
    return "."


def unit_of(text: object) -> str:
    """What stands around the number of `text`, in small letters: "kg", "$", "%", or ""."""
    word = re.sub(r"(?<=\d)[eE][+-]?\d+", "", str(text))
    return re.sub(r"(?<=\d)[kKM]$", "", re.sub(r"[.,()'\u2019\s+\u2212-]", "", word)).strip("0123456789").lower()


def unit_size(unit: str) -> tuple[str, float] | None:
    """(what a unit measures, how much of its basic unit it is); None for units that are not known."""
    sizes = {
        "mass": {"mg": 1e-3, "g gr gram grams": 1.0, "kg kilo kilos": 1e3, "t ton tons tonne tonnes": 1e6},
        "imperial mass": {"oz ounce ounces": 28.349523125, "lb lbs pound pounds": 453.59237},
        "length": {"mm": 1e-3, "cm": 1e-2, "dm": 0.1, "m metre metres meter meters": 1.0, "km": 1e3},
        "imperial length": {"in inch inches": 0.0254, "ft foot feet": 0.3048, "yd": 0.9144, "mi mile miles": 1609.344},
        "volume": {
            "ml": 1e-3,
            "cl": 1e-2,
            "dl": 0.1,
            "l litre litres liter liters": 1.0,
            "hl": 100.0,
            "gal": 3.785411784,
        },
        "time": {"ms": 1e-3, "s sec secs second seconds": 1.0, "min mins minute minutes": 60.0},
        "long time": {"h hr hrs hour hours": 3600.0, "d day days": 86400.0, "week weeks": 604800.0},
        "data": {"b byte bytes": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    }
    for what, named in sizes.items():
        for names, size in named.items():
            if unit.strip().lower() in names.split():
                return what.split()[-1], size
    return None


def number_as(text: object, decimal: str, to: str) -> float:
    """The number in `text` in the unit `to`; NaN when there is none, or when it measures something else.

    A number without a unit is taken to be in `to` already.
    """
    unit, wanted = unit_of(text), unit_size(to)
    found = unit_size(unit)
    if not unit or unit == to.lower():
        return number_in(text, decimal)
    if wanted is None or found is None or found[0] != wanted[0]:
        return math.nan
    return number_in(text, decimal) * found[1] / wanted[1]
