"""What a person types, read into values, and values shown as a person would type them. No widgets here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.core.fields import Field
from workbench.ui.widgets.number import parse_number as read_number

NOT_SET = "not set"


class Refused(ValueError):
    """What is typed cannot be used; the text is one sentence for the person."""


def calculate(text: str) -> float | int:
    """The value of a number or an arithmetic expression: "1e-3", "2**10", "28*28", "0,5", "5 %".

    Raises:
        Refused: it is no number, or a comma could be meant for thousands.
    """
    try:
        return read_number(re.sub(r"(?<!\d),(?=\d)", "0.", text))
    except ValueError as error:
        raise Refused(str(error)) from None


def parse_number(text: str, field: Field) -> float | int:
    """A number within the field's bounds.

    Raises:
        Refused: not a number, not whole where that is asked, or out of bounds; says which.
    """
    value = calculate(text)
    if field.kind == "int":
        if abs(value - round(value)) > 1e-9:
            raise Refused(f"A whole number was expected, not {show_number(value)}.")
        value = round(value)
    else:
        value = float(value)
    check_bounds(value, field)
    return value


def check_bounds(value: float, field: Field) -> None:
    """Refused, naming the bounds, when `value` is outside them."""
    low, high = field.minimum, field.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return
    if low is not None and high is not None:
        raise Refused(f"Between {show_number(low)} and {show_number(high)}, not {show_number(value)}.")
    if low is not None:
        raise Refused(f"At least {show_number(low)}, not {show_number(value)}.")
    assert high is not None
    raise Refused(f"At most {show_number(high)}, not {show_number(value)}.")


def parse_integers(text: str, field: Field) -> int | list[int]:
    """Whole numbers out of "3, 3", "3 3", "3x3" or "(3, 3)"; one number stays one where it may stand for all.

    Raises:
        Refused: an entry is no whole number or out of bounds, or there are too many or too few.
    """
    bare = text.strip().strip("()[]").replace("×", "x")
    entries = [part for part in re.split(r"[\s,;x]+", bare) if part]
    numbers = []
    for entry in entries:
        if not re.fullmatch(r"[+-]?\d{1,9}", entry):
            raise Refused(f"Whole numbers such as 3, 3 were expected, “{entry}” is none.")
        numbers.append(int(entry))
        check_bounds(numbers[-1], field)
    if not numbers:
        raise Refused("Whole numbers such as 3, 3 were expected.")
    if field.length and len(numbers) == 1:
        return numbers[0]
    if field.length and len(numbers) != field.length:
        raise Refused(f"{field.length} numbers were expected (or one for all), not {len(numbers)}.")
    return numbers


def parse_numbers(text: str, field: Field) -> float | int | list[float | int]:
    """Numbers out of "0.1, 0.3", "0.1 0.3" or "0,1; 0,3"; one number stays one where it may stand for all.

    Raises:
        Refused: an entry is no number or out of bounds, or there are too many or too few.
    """
    bare = text.strip().strip("()[]")
    between = r"[;,\s]+" if "." in bare else r"[;\s]+|,\s+"  # a comma without a space may be a decimal one
    numbers = [calculate(part) for part in re.split(between, bare) if part]
    for number in numbers:
        check_bounds(number, field)
    if not numbers:
        raise Refused("Numbers such as 0.1, 0.3 were expected.")
    if field.length and len(numbers) == 1:
        return numbers[0]
    if field.length and len(numbers) != field.length:
        raise Refused(f"{field.length} numbers were expected (or one), not {len(numbers)}.")
    return numbers


def parse_value(text: str) -> str | float | int:
    """A cell: "5" is a number, "five" text, "'5'" the text 5."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if re.fullmatch(r"[+-]?\d{1,15}", text) and not re.match(r"[+-]?0\d", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?", text) and not re.match(r"[+-]?0\d", text):
        value = float(text)
        return value if math.isfinite(value) else text
    return text


def show_number(value: Any) -> str:
    """Shortest text that reads back as the same number: 0.001, 1e-07, 128."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def show_value(value: Any) -> str:
    """A value as a person would type it."""
    if value is None:
        return NOT_SET
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return show_number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(show_value(entry) for entry in value)
    if isinstance(value, Mapping):
        return str(value.get("kind", ""))
    return str(value)


def object_key(name: Any) -> str:
    """The same for "glorot_uniform" and "GlorotUniform"."""
    return re.sub(r"[^a-z0-9]", "", str(name).casefold())


def plain(value: Any, field: Field) -> Any:
    """`value` in one form, so that equal meanings compare equal: (3, 3), [3, 3] and 3 for a pair are one."""
    if field.kind == "ints" and value is not None:
        entries = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        return entries * field.length if len(entries) == 1 and field.length else entries
    if field.kind == "objects" and isinstance(value, (list, tuple)):
        return tuple(plain(one, replace(field, kind="object")) for one in value)
    if field.kind == "object":
        if isinstance(value, Mapping):
            params = dict(value.get("params") or {})
            return (object_key(value.get("kind", "")), repr(sorted(params.items())) if params else "")
        return None if value is None else (object_key(value), "") if isinstance(value, str) else value
    if isinstance(value, list):
        return tuple(value)
    return value


def same(left: Any, right: Any, field: Field) -> bool:
    """Whether two values of `field` mean the same."""
    one, other = plain(left, field), plain(right, field)
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)
