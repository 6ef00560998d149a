"""Names of a person's own data, written so that each stays on one line, and in its room, wherever it is shown."""

from __future__ import annotations

_MARKS = {"\r\n": "⏎", "\n": "⏎", "\r": "⏎", "\u2028": "⏎", "\u2029": "⏎", "\v": "⏎", "\f": "⏎", "\t": "⇥"}


def one_line(text: str) -> str:
    """The text with a mark for each line break (⏎) and tab (⇥). Most texts hold none and come back as they are."""
    if text.isprintable():
        return text
    for what, mark in _MARKS.items():
        text = text.replace(what, mark)
    return text


def shortened(text: str, longest: int) -> str:
    """The text in so many letters, its end left out where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def short_name(name: str, longest: int) -> str:
    """A name in so many letters, its middle left out where it is longer: its end tells it from its like."""
    return _without_middle(name, longest, longest // 2)


def short_file(name: str, longest: int = 34) -> str:
    """A file's name for a sentence: it has no blanks to break a line at, and its number and suffix are at its end."""
    return _without_middle(name, longest, longest // 3)


def _without_middle(name: str, longest: int, head: int) -> str:
    return name if len(name) <= longest else f"{name[:head]}…{name[len(name) - (longest - head - 1) :]}"
