"""The look: two palettes, fonts, spacing, icons, and the one stylesheet made from them.

`apply(app, "system"|"light"|"dark")` sets Fusion, a QPalette and the stylesheet. Widgets drawn by hand ask `color()`
and `font()` when they paint and repaint on `notifier.changed`; icons made by `icon()` recolour themselves.
UI thread only.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import logging
import string
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QWidget

from . import palettes

log = logging.getLogger(__name__)

SPACE = 8
"""The grid in logical pixels: margins and gaps are SPACE/2, SPACE, 2*SPACE or 3*SPACE."""

SIZES = (11, 13, 16, 22)
CHOICES = ("system", "light", "dark")


class _Notifier(QObject):
    changed = Signal()


notifier = _Notifier()
_choice = "system"
_dark = False
_scale = 1.0
_font_base: QFont | None = None
_fonts: dict[tuple[int, int, bool], QFont] = {}  # made of it so far
_watching = False


def resource(name: str) -> Path:
    """A file shipped with the program: in the installed package first, beside it in a source checkout second.

    Raises:
        FileNotFoundError: it is in neither place; the installation is damaged.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"resources/{name} is missing from this installation")


# ---- colours -------------------------------------------------------------------------------------------------


def is_dark() -> bool:
    return _dark


def choice() -> str:
    """What the person chose: "system", "light" or "dark"."""
    return _choice


@functools.lru_cache(maxsize=512)
def _color(value: str) -> QColor:
    return QColor(value)


def color(name: str) -> QColor:
    """A colour of the current palette by its name in palettes.py, or any "#rrggbb". KeyError for an unknown name."""
    return QColor(_color(name if name.startswith("#") else hex_of(name)))


def hex_of(name: str) -> str:
    return (palettes.DARK if _dark else palettes.LIGHT)[name]


def class_color(index: int) -> QColor:
    """The colour of class number `index` (from 0), the same in every view; ten, then again from the start."""
    colors = palettes.CLASS_DARK if _dark else palettes.CLASS_LIGHT
    return QColor(colors[index % len(colors)])


def run_color(index: int) -> QColor:
    """The colour of run number `index` (from 0)."""
    colors = palettes.RUN_DARK if _dark else palettes.RUN_LIGHT
    return QColor(colors[index % len(colors)])


def category_color(group: str) -> QColor:
    """The colour of a group of layers of the catalog ("Core", "Convolution", ...)."""
    colors = palettes.CATEGORY_DARK if _dark else palettes.CATEGORY_LIGHT
    return QColor(colors[palettes.category_key(group)])


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """`share` (0 to 1) of b in a."""
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


# ---- fonts ---------------------------------------------------------------------------------------------------


def px(size: int) -> int:
    """A size of the scale in logical pixels, larger where the system's font is set larger than usual."""
    return round(size * _scale)


def font(size: int = 13, weight: QFont.Weight | int = QFont.Weight.Normal, tabular: bool = False) -> QFont:
    """The system's own font in a size of the scale (11, 13, 16 or 22). tabular: figures of equal width."""
    if _font_base is None:
        return _font(QFont(), px(size), int(weight), tabular)
    made = _fonts.get((size, int(weight), tabular))
    if made is None:
        made = _fonts[size, int(weight), tabular] = _font(_font_base, px(size), int(weight), tabular)
    return QFont(made)


def _font(base: QFont, pixels: int, weight: int, tabular: bool) -> QFont:
    made = QFont(base)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def mono(size: int = 13) -> QFont:
    """The system's fixed-width font."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(px(size))
    return made


# ---- icons ---------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def _glyphs() -> tuple[str, dict[str, str]]:
    """Family and characters of the Phosphor font that qtawesome ships. qtawesome itself would load thirteen fonts
    and is never imported: the font file alone takes about 8 ms."""
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        log.error("icons are missing: qtawesome is not installed")
        return "", {}
    folder = Path(next(iter(spec.submodule_search_locations))) / "fonts"
    face = next(iter(sorted(folder.glob("phosphor-*.ttf"))))
    number = QFontDatabase.addApplicationFont(str(face))
    chars = json.loads(next(iter(sorted(folder.glob("phosphor-charmap-*.json")))).read_text("utf-8"))
    return QFontDatabase.applicationFontFamilies(number)[0], {k: chr(int(v, 16)) for k, v in chars.items()}


class _GlyphEngine(QIconEngine):
    """Paints one character in the palette's colour of the moment, so that icons follow the theme by themselves."""

    def __init__(self, char: str, tint: str) -> None:
        super().__init__()
        self._char = char
        self._tint = tint

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        tint = "faint" if mode == QIcon.Mode.Disabled else self._tint
        face = QFont(_glyphs()[0])
        face.setPixelSize(max(1, min(rect.width(), rect.height())))
        face.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
        painter.save()
        painter.setFont(face)
        painter.setPen(color(tint))
        painter.drawText(QRectF(rect), int(Qt.AlignmentFlag.AlignCenter), self._char)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _keep(_GlyphEngine(self._char, self._tint))

    def key(self) -> str:
        return "workbench-glyph"


_clones: list[QIconEngine] = []


def _keep(engine: QIconEngine) -> QIconEngine:
    """Qt owns what clone() returns, Python must not collect it first. Clones are rare (an icon that is detached)."""
    _clones.append(engine)
    return engine


@functools.lru_cache(maxsize=512)
def icon(name: str, color: str = "text") -> QIcon:
    """An icon of the Phosphor set (phosphoricons.com; "play", "trash", "play-fill", ...) in a palette colour.

    It follows the theme by itself. KeyError for a name that the set does not have.
    """
    return QIcon(_GlyphEngine(_glyphs()[1][name], color))


def app_icon() -> QIcon:
    """The program's own icon: two layers and the wires between them, drawn."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / 64, size / 64)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#2456c9"))
        painter.drawRoundedRect(QRectF(2, 2, 60, 60), 13, 13)
        left, right = [QPointF(18, y) for y in (15, 32, 49)], [QPointF(46, y) for y in (22, 42)]
        painter.setPen(QPen(QColor(255, 255, 255, 150), 2.4))
        for a in left:
            for b in right:
                painter.drawLine(a, b)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff"))
        for dot in left + right:
            painter.drawEllipse(dot, 5.4, 5.4)
        painter.end()
        made.addPixmap(picture)
    return made


# ---- applying ------------------------------------------------------------------------------------------------


def system_is_dark() -> bool:
    """What the desktop prefers, where Qt can tell; light where it cannot."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _palette() -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, "panel"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "panel"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "muted"),
        (role.Text, "text"),
        (role.Button, "raised"),
        (role.ButtonText, "text"),
        (role.BrightText, "bad"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Accent, "accent"),
        (role.Light, "raised"),
        (role.Midlight, "line"),
        (role.Mid, "edge"),
        (role.Dark, "edge"),
        (role.Shadow, "line"),
    ):
        made.setColor(which, color(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, color("faint"))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, color("line"))
    return made


def stylesheet() -> str:
    """resources/style.qss with the colours and font sizes of the moment filled in."""
    values = dict(palettes.DARK if _dark else palettes.LIGHT)
    values |= {f"px{s}": str(px(s)) for s in SIZES}
    for name in ("caret", "check", "dot"):
        values[name] = resource(f"icons/{name}-{'dark' if _dark else 'light'}.svg").as_posix()
    return string.Template(resource("style.qss").read_text("utf-8")).substitute(values)


def apply(app: QApplication, wanted: str = "system") -> None:
    """Set the look of the whole program. wanted: "system", "light" or "dark". ValueError for anything else."""
    global _choice, _dark, _scale, _font_base, _watching
    if wanted not in CHOICES:
        raise ValueError(f'the theme is one of {", ".join(CHOICES)}, not "{wanted}"')
    _choice = wanted
    _dark = system_is_dark() if wanted == "system" else wanted == "dark"
    if not _watching:
        _watching = True
        app.setStyle("Fusion")
        _font_base = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
        _scale = max(1.0, QFontInfo(_font_base).pixelSize() / 14)
        _fonts.clear()
        app.styleHints().colorSchemeChanged.connect(_follow_system)
    app.setPalette(_palette())
    app.setFont(font(13))
    app.setStyleSheet(stylesheet())
    notifier.changed.emit()


def _follow_system() -> None:
    app = QApplication.instance()
    if _choice == "system" and isinstance(app, QApplication) and system_is_dark() != _dark:
        apply(app, "system")


def set_role(widget: QWidget, role: str) -> None:
    """Set the dynamic property the stylesheet looks at, and restyle the widget when it is already shown."""
    set_style_property(widget, "role", role)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the stylesheet selects by."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
