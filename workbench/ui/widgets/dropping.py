"""Which files of this machine somebody drags over a widget; the one place that reads them off a drop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QDropEvent


def accepted_files(event: QDropEvent) -> list[Path]:
    """Files and folders of this machine in a drag or drop, in order, accepted where there are some; what lies elsewhere
    is left out."""
    found = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    if found:
        event.acceptProposedAction()
    return found
