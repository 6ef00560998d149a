"""Under a layer's name: what weights it starts from, and whether it keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.edits_weights import can_freeze
from workbench.core.project import Node
from workbench.ui import theme
from workbench.ui.model.block_words import start_text
from workbench.ui.widgets.label import plain_label


class StartStrip(QWidget):
    """Hidden where nothing selected has weights. Signals: freeze_wanted(ids, frozen), forget_wanted(ids)."""

    freeze_wanted = Signal(list, bool)
    forget_wanted = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start-strip")
        self._nodes: list[Node] = []
        self.source = plain_label(role="muted", name="start-source")
        self.forget = QPushButton("Forget")
        self.forget.setObjectName("start-forget")
        self.forget.setAccessibleName("Forget the start weights")
        self.forget.setToolTip("Start from random weights instead")
        theme.set_role(self.forget, "link")
        self.forget.clicked.connect(lambda: self.forget_wanted.emit(self._ids()))
        self.frozen = QCheckBox("Frozen: keeps its weights in training")
        self.frozen.setObjectName("start-frozen")
        self.frozen.clicked.connect(self._clicked)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.source, 1)
        line.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addLayout(line)
        column.addWidget(self.frozen)
        self.hide()

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show these blocks; those without weights do not count."""
        self._nodes = [n for n in nodes if can_freeze(n) or n.weights is not None]
        self.setVisible(bool(self._nodes))
        if not self._nodes:
            return
        given = [n for n in self._nodes if n.weights is not None]
        self.source.setText(start_text(self._nodes))
        self.source.setVisible(bool(given))
        self.forget.setVisible(bool(given))
        still = sum(not n.trainable for n in self._nodes)
        self.frozen.setTristate(0 < still < len(self._nodes))
        state = Qt.CheckState.Checked if still == len(self._nodes) else Qt.CheckState.PartiallyChecked
        self.frozen.setCheckState(state if still else Qt.CheckState.Unchecked)
        several = len(self._nodes) > 1
        self.frozen.setText(f"Frozen: {'keep their' if several else 'keeps its'} weights in training")

    def _clicked(self) -> None:
        wanted = any(n.trainable for n in self._nodes)
        self.freeze_wanted.emit(self._ids(), wanted)

    def _ids(self) -> list[str]:
        return [n.id for n in self._nodes]
