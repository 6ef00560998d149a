"""Which files of this machine somebody drags over a widget; the one place that reads them off a drop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QDropEvent


def dropped_files(event: QDropEvent) -> list[Path]:
    """Files and folders of this machine in a drag or drop, in order; what lies elsewhere is left out."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def accepted_files(event: QDropEvent) -> list[Path]:
    """`dropped_files`, the drag or drop accepted where there are some."""
    found = dropped_files(event)
    if found:
        event.acceptProposedAction()
    return found
