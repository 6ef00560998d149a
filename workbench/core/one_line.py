"""Names of a person's own data, written so that each stays on one line wherever it is shown."""

from __future__ import annotations

_MARKS = {"\r\n": "⏎", "\n": "⏎", "\r": "⏎", "\u2028": "⏎", "\u2029": "⏎", "\v": "⏎", "\f": "⏎", "\t": "⇥"}


def one_line(text: str) -> str:
    """The text with a mark for each line break (⏎) and tab (⇥). Most texts hold none and come back as they are."""
    if text.isprintable():
        return text
    for what, mark in _MARKS.items():
        text = text.replace(what, mark)
    return text
