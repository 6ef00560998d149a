"""The strip takes no more of the processor than what is seen to change."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QEvent, QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workbench.ui.widgets.in_place import show_in_place


class _Layouts(QObject):
    """Counts how often a widget was to be laid out."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_the_bar_rests_once_it_knows_how_far_the_run_is(qtbot, window):
    strip = window.strip
    window.show()
    strip.bar.show()
    strip._to_and_fro(True)

    def moving() -> list[QAbstractAnimation]:
        found = strip.bar.findChildren(QAbstractAnimation)
        return [a for a in found if a.state() == QAbstractAnimation.State.Running]

    qtbot.waitUntil(lambda: bool(moving()))
    strip._to_and_fro(False)
    assert not moving()
    assert strip.bar.maximum() == 1000


def test_a_figure_that_changes_is_not_laid_out_anew_until_it_needs_more_room(qtbot, qapp):
    place, label = QWidget(), QLabel()
    qtbot.addWidget(place)
    QHBoxLayout(place).addWidget(label)
    place.show()
    show_in_place(label, "loss 0.2345")
    for _ in range(3):  # a layout asks for another one
        qapp.processEvents()
    held, watch = label.width(), _Layouts()
    place.installEventFilter(watch)
    show_in_place(label, "loss 0.1")
    qapp.processEvents()
    assert (label.text(), label.width(), watch.count) == ("loss 0.1", held, 0)
    show_in_place(label, "loss 0.2345, 3 hours left")
    qapp.processEvents()
    assert label.width() > held
    assert watch.count > 0
    place.removeEventFilter(watch)
    show_in_place(label, "trained", grows=False)
    assert label.minimumWidth() < held
