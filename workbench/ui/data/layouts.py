"""Emptying a layout; the layout that wraps like text."""

from __future__ import annotations

from PySide6.QtWidgets import QLayout

from workbench.ui.widgets.flow import Flow

__all__ = ["Flow", "clear"]


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; the widgets vanish now and are deleted when Qt is idle."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            return
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
            inner.deleteLater()
