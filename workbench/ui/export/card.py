"""One format as a card: what it is for, how far the export has come, and how the file was proved. UI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.link.messages import Exported
from workbench.ui import theme
from workbench.ui.export.formats import Format, checked_text
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.words import size_text


class FormatCard(QFrame):
    """Signals: export_wanted(), cancel_wanted(), folder_wanted(Path)."""

    export_wanted = Signal()
    cancel_wanted = Signal()
    folder_wanted = Signal(object)

    def __init__(self, chosen: Format, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.format = chosen
        self.setObjectName(f"card-{chosen.key}")
        self.setProperty("role", "card")
        self.setAccessibleName(f"{chosen.title}: {chosen.blurb}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._icon = QLabel()
        title = QLabel(chosen.title)
        title.setProperty("role", "heading")
        suffix = QLabel(chosen.suffix or "folder")
        suffix.setProperty("role", "muted")
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        for item in (self._icon, title, suffix):
            head.addWidget(item)
        head.addStretch(1)
        self.size = QLabel()
        self.size.setProperty("role", "muted")
        head.addWidget(self.size)
        blurb = plain_label(chosen.blurb)
        carries = plain_label(chosen.carries, "caption")
        self.progress = QProgressBar()
        self.progress.setObjectName(f"progress-{chosen.key}")
        self.progress.setTextVisible(False)
        self.doing = plain_label(role="muted")
        self.tick = QLabel()
        self.checked = plain_label(role="good")
        self.checked.setObjectName(f"checked-{chosen.key}")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.checked, 1)
        self.place = ElidedLabel("")
        self.place.setProperty("role", "muted")
        self.problem = InlineNotice()
        self.button = QPushButton("Export…")
        self.button.setObjectName(f"export-{chosen.key}")
        self.button.setAccessibleName(f"Export {chosen.title}")
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName(f"cancel-{chosen.key}")
        self.folder = QPushButton("Open folder")
        self.folder.setObjectName(f"folder-{chosen.key}")
        self.folder.setIcon(theme.icon("folder-open"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        for button in (self.button, self.cancel, self.folder):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(blurb)
        column.addWidget(carries)
        column.addStretch(1)
        column.addWidget(self.progress)
        column.addWidget(self.doing)
        column.addLayout(line)
        column.addWidget(self.place)
        column.addWidget(self.problem)
        column.addLayout(row)
        self._path: Path | None = None
        self.button.clicked.connect(self.export_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.folder.clicked.connect(self._open)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()
        self.show_idle()

    def show_idle(self, size: int = 0) -> None:
        """Nothing exported yet. size: about how many bytes it will take; 0 when not known."""
        self.size.setText(f"about {size_text(size)}" if size else "")
        self._show(())

    def show_waiting(self) -> None:
        """Others are exported first."""
        self._show((self.doing, self.cancel))
        self.doing.setText("Waiting for its turn")

    def show_progress(self, done: float, total: float, text: str) -> None:
        self._show((self.progress, self.doing, self.cancel))
        self.progress.setRange(0, round(total * 100) if total else 0)
        self.progress.setValue(round(done * 100))
        self.doing.setText(text)

    def show_done(self, done: Exported) -> None:
        """The file is there and was proved."""
        self._path = Path(done.path)
        self.size.setText(size_text(done.size))
        said = checked_text(done)
        self.checked.setText(said[:1].upper() + said[1:])
        self.checked.setToolTip("\n".join(done.notes))
        self.place.setText(done.path)
        self._show((self.tick, self.checked, self.place, self.folder))

    def show_failed(self, error: WorkbenchError) -> None:
        """What happened, where and what to try; the button tries again."""
        self._show(())
        self.problem.show_error(error)
        self.button.setText("Try again…")

    def _show(self, shown: tuple[QWidget, ...]) -> None:
        for item in (self.progress, self.doing, self.tick, self.checked, self.place, self.cancel, self.folder):
            item.setVisible(item in shown)
        self.problem.clear()
        self.button.setVisible(self.cancel not in shown)
        self.button.setText("Export again…" if self.folder in shown else "Export…")

    def _open(self) -> None:
        if self._path is not None:
            self.folder_wanted.emit(self._path.parent)

    def _restyle(self) -> None:
        self._icon.setPixmap(theme.icon(self.format.icon, "accent").pixmap(22, 22))
        self.tick.setPixmap(theme.icon("check-circle-fill", "good").pixmap(18, 18))
