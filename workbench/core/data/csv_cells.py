"""Judging cells of a text table: what is a number or a date, which decimal mark is meant, whether a row is a header."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([ T]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(:\d{2})?")


def is_number(cell: str, decimal: str = ".") -> bool:
    cell = cell.strip()
    if decimal == ",":
        cell = cell.replace(",", ".")
    return bool(_NUMBER.fullmatch(cell))


def is_date(cell: str) -> bool:
    """A date or a time of day in figures."""
    return bool(_DATE.fullmatch(cell.strip()))


def find_decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    if delimiter == ",":
        quoted = [cell for row in rows[1:] for cell in row if "," in cell]
        cells = [cell for row in rows[1:] for cell in row]
        dotted = any("." in cell and is_number(cell) for cell in cells)
        ok = quoted and not dotted and all(_COMMA_NUMBER.fullmatch(cell.strip()) for cell in quoted)
        thousands = all(re.fullmatch(r"[+-]?\d{1,3},\d{3}", cell.strip()) for cell in quoted)
        return "," if ok and not thousands else "."
    width = max(len(row) for row in rows)
    for i in range(width):
        column = [row[i].strip() for row in rows[1:] if len(row) > i and row[i].strip()]
        commas = [cell for cell in column if _COMMA_NUMBER.fullmatch(cell)]
        thousands = all(re.fullmatch(r"[+-]?\d{1,3},\d{3}", cell) for cell in commas)
        plain = all(is_number(cell, ",") and "." not in cell for cell in column)
        if plain and not thousands and commas and len(commas) >= 0.5 * len(column):
            return ","
    return "."


def has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row names the columns: no number in it, and unlike what stands below."""
    head = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in head if cell]
    if any(is_number(cell, decimal) or is_date(cell) for cell in filled):
        return False
    if len(filled) * 2 < len(head):
        return False
    body = rows[1:]
    if not body:
        return True
    for i, name in enumerate(head):
        column = [row[i].strip() for row in body if len(row) > i and row[i].strip()]
        if name and column and sum(is_number(c, decimal) or is_date(c) for c in column) >= 0.8 * len(column):
            return True
    again = sum(any(len(row) > i and row[i].strip() == name for row in body) for i, name in enumerate(head) if name)
    same_line = sum([cell.strip() for cell in row] == head for row in body)
    if again and not same_line:
        return False
    return all(len(cell) <= 60 for cell in filled) and len(set(filled)) == len(filled)
