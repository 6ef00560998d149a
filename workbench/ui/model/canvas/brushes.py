"""Fonts, colours, pens and measured texts of the canvas, each made once: thousands of items are painted with them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen

from workbench.ui import theme
from workbench.ui.model.looks import TINT

FAR = 0.5  # below this zoom only the kind is written
FARTHEST = 0.16  # below this nothing is written


@lru_cache(maxsize=4096)
def elided(text: str, width: int, size: int, weight: int) -> str:
    return QFontMetricsF(face(size, weight)).elidedText(text, Qt.TextElideMode.ElideMiddle, width)


@lru_cache(maxsize=4096)
def whole_parts(brief: str, width: int) -> str:
    """As many settings of "32 · 3×3 · relu" as there is room for, from the first on: the middle left out would leave
    bits of two that say nothing."""
    parts = brief.split(" · ")
    while len(parts) > 1 and text_width(" · ".join(parts), 12, 400) > width:
        parts.pop()
    return " · ".join(parts)


@lru_cache(maxsize=4096)
def text_width(text: str, size: int, weight: int) -> float:
    return QFontMetricsF(face(size, weight)).horizontalAdvance(text)


@lru_cache(maxsize=32)
def face(size: int, weight: int) -> QFont:
    # The canvas has its own measure: it is zoomed by the person, not by the system's font size.
    font = theme.font(13, QFont.Weight(weight), tabular=True)
    font.setPixelSize(size)
    return font


@lru_cache(maxsize=256)
def ink(name: str) -> QColor:
    """A colour of the theme; never changed in place."""
    return theme.color(name)


@lru_cache(maxsize=64)
def tint_of(group: str, faded: bool) -> QColor:
    """The colour of a category, or its faded form for blocks seen from far."""
    number = group.removeprefix(TINT)
    tint = theme.class_color(int(number)) if number != group else theme.category_color(group)
    return theme.mix(tint, theme.color("surface"), 0.55) if faded else tint


@lru_cache(maxsize=256)
def pen(name: str, width: float) -> QPen:
    return QPen(ink(name), width)


def forget_looks() -> None:
    """The theme changed: measure and colour anew."""
    for cached in (elided, whole_parts, text_width, face, ink, tint_of, pen, short_title):
        cached.cache_clear()


@lru_cache(maxsize=512)
def short_title(title: str, room: float) -> str:
    """The title, its long words shortened as people shorten them where there is no room."""
    for long, short in (("Average", "Avg"), ("Normalization", "Norm"), ("Transpose", "Transp.")):
        if text_width(title, 13, 600) <= room:
            break
        title = title.replace(long, short)
    return title
