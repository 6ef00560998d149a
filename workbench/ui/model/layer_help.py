"""What a layer is for and what its arguments mean: short on hover, whole in a pop-up with a link to Keras' page."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from workbench.core.catalog import ENDS, LayerEntry
from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.values import show_value
from workbench.ui.widgets.popups import show_at

KERAS_PAGE = "https://www.tensorflow.org/api_docs/python/tf/keras/layers/{name}"
SHOWN = 6  # arguments on hover; the others are one click away


def _said(field: Field) -> str:
    name = html.escape(field.name)
    default = "" if field.required else f" = {html.escape(show_value(field.default))}"
    return f"<b>{name}</b>{default}<br>{html.escape(field.help)}"


def layer_tip(entry: LayerEntry) -> str:
    """The hover text: what it does, then its first arguments with their meaning."""
    if not entry.usable:
        text = f"Not on the canvas: {entry.reason}"
        return f"<p style='white-space:normal'><b>{html.escape(entry.title)}</b><br>{html.escape(text)}</p>"
    fields = [field for field in entry.fields if field.help][:SHOWN]
    more = len(entry.fields) - len(fields)
    rows = "".join(f"<p style='white-space:normal; margin:6px 0 0 0'>{_said(field)}</p>" for field in fields)
    tail = f"<p style='margin:6px 0 0 0'>and {more} more: F1</p>" if more > 0 and fields else ""
    head = f"<p style='white-space:normal'><b>{html.escape(entry.title)}</b><br>{html.escape(entry.help)}</p>"
    return head + rows + tail


def layer_page(entry: LayerEntry) -> str:
    """Everything about a layer as a page."""
    accent, muted = theme.hex_of("accent"), theme.hex_of("muted")
    about = entry.help if entry.usable else f"Not on the canvas: {entry.reason}"
    parts = [f"<h3>{html.escape(entry.title)}</h3>", f"<p>{html.escape(about)}</p>"]
    if entry.fields:
        parts.append("<h4>Arguments</h4>")
    for field in entry.fields:
        bounds = " to ".join(f"{b:g}" for b in (field.minimum, field.maximum) if b is not None)
        choices = ", ".join(show_value(c) for c in field.choices) if field.kind == "choice" else ""
        kind = "required" if field.required else f"default {show_value(field.default)}"
        note = " · ".join(t for t in (kind, choices, f"from {bounds}" if bounds else "") if t)
        parts.append(
            f"<p><b>{html.escape(field.name)}</b> "
            f"<span style='color:{muted}'>{html.escape(note)}</span><br>{html.escape(field.help)}</p>"
        )
    if entry.name not in ENDS:
        page = KERAS_PAGE.format(name=entry.name)
        parts.append(f"<p><a href='{page}' style='color:{accent}'>{entry.name} in the documentation of Keras</a></p>")
    return "".join(parts)


class LayerHelp(QFrame):
    """The page of one layer as a pop-up; the link opens in the system's browser."""

    def __init__(self, entry: LayerEntry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("layer-help")
        self.setAccessibleName(f"About {entry.title}")
        self.setProperty("role", "card")
        self.setFixedSize(420, 440)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, 2, theme.SPACE)
        self.text = QTextBrowser()
        self.text.setObjectName("layer-help-text")
        self.text.setAccessibleName(f"About {entry.title}")
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        self.text.setStyleSheet("#layer-help-text { background: transparent; }")
        self.text.setHtml(layer_page(entry))
        self.text.anchorClicked.connect(self._follow)
        column.addWidget(self.text)

    def open_at(self, place: QPoint) -> None:
        """Show it with its corner at a global position, inside the screen."""
        show_at(self, place)
        self.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def _follow(self, link: QUrl) -> None:
        self.close()
        QDesktopServices.openUrl(link)
