"""Under a layer's name: that it is one layer at several places, which these are, and the way out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.project import Node
from workbench.ui import theme
from workbench.ui.widgets.flow import Flow
from workbench.ui.widgets.label import plain_label

_NAMED = 6  # places named on one line; the others are counted


class ShareStrip(QFrame):
    """Hidden where nobody else uses the layer. Signals: own_wanted(ids), others_wanted(ids)."""

    own_wanted = Signal(list)
    others_wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("share-strip")
        self.setProperty("role", "card")
        self._ids: list[str] = []
        self._others: list[str] = []
        self._sign = QLabel()
        self._show_sign()
        theme.notifier.changed.connect(self._show_sign)
        self.title = plain_label(role="strong")
        self.title.setObjectName("share-title")
        self.names = plain_label(role="muted")
        self.names.setObjectName("share-names")
        self.own = QPushButton("Give this place its own layer")
        self.own.setObjectName("share-own")
        self.own.setToolTip("A copy, set alike and starting from the same weights; from then on each learns for itself")
        self.own.clicked.connect(lambda: self.own_wanted.emit(list(self._ids)))
        self.others = QPushButton("Show the others")
        self.others.setObjectName("share-others")
        self.others.setToolTip("Select all places of this layer on the canvas")
        self.others.clicked.connect(lambda: self.others_wanted.emit([*self._ids, *self._others]))
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        row = QWidget()
        buttons = Flow(row, theme.SPACE)
        buttons.addWidget(self.own)
        buttons.addWidget(self.others)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 3 // 2, theme.SPACE, theme.SPACE * 3 // 2, theme.SPACE)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(head)
        column.addWidget(self.names)
        column.addSpacing(theme.SPACE // 2)
        column.addWidget(row)
        self.hide()

    def _show_sign(self) -> None:
        self._sign.setPixmap(theme.icon("link-simple", "accent").pixmap(16, 16))

    def show_places(self, places: Sequence[Node], chosen: Sequence[str]) -> None:
        """places: all blocks of the one layer that is selected, its owner first; fewer than two hide this. chosen: the
        selected ones among them."""
        self.setVisible(len(places) > 1)
        if len(places) < 2:
            return
        self._ids = [n.id for n in places if n.id in set(chosen)]
        self._others = [n.id for n in places if n.id not in set(chosen)]
        self.title.setText(f"One layer used at {len(places)} places")
        names = [n.name for n in places[:_NAMED]]
        more = len(places) - len(names)
        last = f"{more} more" if more else names.pop()
        listed = f"At {', '.join(names)} and {last}"
        self.names.setText(f"{listed}: what is changed at one changes at all, and they learn the same weights.")
        several = len(self._ids) > 1
        self.own.setText("Give these places layers of their own" if several else "Give this place its own layer")
        self.others.setVisible(bool(self._others))
