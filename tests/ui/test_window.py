"""The window as a person uses it: keys, clicks, drops, the finder, help, closing."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton

from tests.ui.conftest import Answers, LogWatch
from tests.ui.engine import ScriptedEngine
from workbench.core import edits
from workbench.core.checks import PAGES
from workbench.core.settings import load_settings
from workbench.ui import theme
from workbench.ui.action_table import ACTIONS
from workbench.ui.dialogs import Dialogs
from workbench.ui.jobs import InternalError
from workbench.ui.notices import CrashHooks, Notice
from workbench.ui.palette import score
from workbench.ui.training_topics import TOPICS
from workbench.ui.window import PAGE_CLASSES, MainWindow
from workbench.ui.words import WORDS

CONTROL = Qt.KeyboardModifier.ControlModifier


def key(window: MainWindow, code: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.activateWindow()
    QTest.keyClick(window.focusWidget() or window, code, modifiers)
    QApplication.processEvents()


@pytest.fixture
def working(qtbot, window: MainWindow, table: Path) -> MainWindow:
    """A window with data, ready to train."""
    window.session.start_engine()
    window.session.open_path(table)
    qtbot.waitUntil(lambda: window.session.resolved.can_train, timeout=20_000)
    return window


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(p)) for p in paths])
    event = QDropEvent(
        QPointF(600, 400), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def test_pages_are_made_when_they_are_first_shown(window: MainWindow) -> None:
    assert list(window.pages) == ["start"]
    QTest.mouseClick(window.rail.buttons["runs"], Qt.MouseButton.LeftButton)
    assert window.current == "runs"
    assert list(window.pages) == ["start", "runs"]
    assert window.stack.currentWidget() is window.pages["runs"]
    assert window.rail.buttons["runs"].isChecked()


@pytest.mark.parametrize(("number", "name"), list(enumerate(PAGES, 1)))
def test_control_and_a_number_shows_a_page(window: MainWindow, number: int, name: str) -> None:
    key(window, Qt.Key(ord(str(number))), CONTROL)
    assert window.current == name


def test_a_page_that_cannot_be_made_does_not_take_the_window_with_it(
    window: MainWindow, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_watch.allow("cannot be made")
    monkeypatch.setitem(PAGE_CLASSES, "export", ("workbench.ui.no_such", "Page"))
    window.show_page("export")
    assert "Something went wrong" in window.notices.texts[0]
    monkeypatch.undo()
    button = window.stack.currentWidget().findChild(QPushButton, "empty_action_0")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "export" in window.pages


def test_dropping_a_file_opens_it_and_the_rail_shows_what_is_done(qtbot, window: MainWindow, table: Path) -> None:
    drop(window, table)
    qtbot.waitUntil(lambda: window.session.resolved.pages["data"].state == "done", timeout=20_000)
    assert window.current == "data"
    assert "done" in window.rail.buttons["data"].accessibleDescription()
    assert window.header.title.text().startswith("kinds (draft)")


def test_dropping_several_files_says_which_one_is_opened(
    qtbot, window: MainWindow, table: Path, tmp_path: Path
) -> None:
    drop(window, table, tmp_path / "other.csv")
    assert "2 files were dropped; kinds.csv is opened" in window.notices.texts[0]
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=20_000)


def test_undo_and_redo_by_keys_and_their_words(qtbot, working: MainWindow) -> None:
    working.session.apply(edits.set_train(epochs=7), "Change the epochs")
    qtbot.waitUntil(lambda: working.header.undo.isEnabled())
    qtbot.waitUntil(lambda: "change the epochs" in working.header.undo.toolTip())
    key(working, Qt.Key.Key_Z, CONTROL)
    assert working.session.project.train.epochs != 7
    key(working, Qt.Key.Key_Y, CONTROL)
    assert working.session.project.train.epochs == 7


def test_undo_from_inside_a_line_with_nothing_of_its_own_to_undo(qtbot, working: MainWindow) -> None:
    line = QLineEdit(working.stack.currentWidget())
    line.show()
    line.setFocus()
    working.activateWindow()
    working.session.apply(edits.set_train(epochs=7), "Change the epochs")
    working.action_set.refresh()
    QTest.keyClick(line, Qt.Key.Key_Z, CONTROL)
    assert working.session.project.train.epochs != 7
    working.session.apply(edits.set_train(epochs=9), "Change the epochs")
    QTest.keyClicks(line, "abc")
    QTest.keyClick(line, Qt.Key.Key_Z, CONTROL)
    assert line.text() == ""
    assert working.session.project.train.epochs == 9


def test_four_clicks_from_opening_to_a_trained_model(qtbot, window: MainWindow) -> None:
    window.session.start_engine()
    card = window.pages["start"].findChild(object, "sample_iris")
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.resolved.can_train, timeout=20_000)
    QTest.mouseClick(window.rail.buttons["train"], Qt.MouseButton.LeftButton)
    key(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.state == "finished", timeout=20_000)
    assert window.strip.run.text() == "run 1"
    assert "trained" in window.strip.figures.text()


def test_space_pauses_but_not_while_typing(qtbot, working: MainWindow, engine: ScriptedEngine) -> None:
    engine.finishes = False
    key(working, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: working.session.run is not None and working.session.run.step == 4, timeout=20_000)
    working.show_page("start")
    working.setFocus()
    qtbot.waitUntil(
        lambda: f"epoch {working.session.run.shown_epoch}/" in working.strip.figures.text()
    )  # the run is followed on every page
    assert all(shown.isVisible() for shown in (working.strip.run, working.strip.bar, working.strip.figures))
    QTest.keyClick(working, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: working.session.run.state == "paused")
    qtbot.waitUntil(lambda: "Go on" in working.strip.pause.toolTip())
    line = QLineEdit(working)
    line.show()
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Space)
    assert line.text() == " "
    assert working.session.run.state == "paused"
    QTest.mouseClick(working.strip.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: working.session.run.state == "running")
    QTest.mouseClick(working.strip.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: working.session.run.state == "stopped")


def test_the_finder_finds_actions_layers_columns_and_words(qtbot, working: MainWindow) -> None:
    key(working, Qt.Key.Key_K, CONTROL)
    finder = working._finder
    assert finder.isVisible()
    for typed, title in (
        ("export", "Export"),
        ("dark", "Theme: Dark"),
        ("kind", "kind"),
        ("add dropout", "Add Dropout"),
        ("epoch", "epoch"),
        ("trn", "Train"),
    ):
        finder.line.setText(typed)
        assert title in [e.title for e in finder.found()[:4]], (typed, [e.title for e in finder.found()[:6]])
    finder.line.setText("qqqqqq")
    assert finder.found() == []
    finder.line.setText("runs")
    QTest.keyClick(finder.line, Qt.Key.Key_Return)
    assert not finder.isVisible()
    assert working.current == "runs"


def test_scores_prefer_beginnings() -> None:
    assert score("tr", "Train") > score("tr", "Restrain")
    assert score("xyz", "Train") == 0


def test_the_theme_is_switched_and_kept(qtbot, window: MainWindow) -> None:
    window.action_set.actions["theme_dark"].trigger()
    assert theme.is_dark()
    assert window.action_set.actions["theme_dark"].isChecked()
    qtbot.waitUntil(lambda: load_settings().theme == "dark")
    window.action_set.actions["theme_light"].trigger()
    assert not theme.is_dark()
    qtbot.waitUntil(lambda: not window.session.jobs.busy)


def test_saving_a_draft_asks_for_its_place_once(qtbot, working: MainWindow, answers: Answers, tmp_path: Path) -> None:
    answers.place = tmp_path / "here" / "Kinds of things"
    key(working, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: working.session.folder.path == answers.place, timeout=10_000)
    qtbot.waitUntil(lambda: "draft" not in working.header.title.text())
    working.session.apply(edits.set_train(epochs=5), "Epochs")
    qtbot.waitUntil(lambda: working.isWindowModified())
    asked = len(answers.asked)
    key(working, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not working.isWindowModified())
    assert len(answers.asked) == asked
    assert working.session.folder.load().train.epochs == 5


def test_pasting_outside_an_editor_opens_a_table(qtbot, window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("a\tb\n" + "".join(f"{i}\t{i * 2}\n" for i in range(20)))
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: window.session.dataset is not None, timeout=20_000)
    assert window.session.project.name == "Pasted table"
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=20_000)


def test_closing_while_training_asks_and_can_be_taken_back(
    qtbot, working: MainWindow, engine: ScriptedEngine, answers: Answers
) -> None:
    engine.finishes = False
    key(working, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: working.session.run is not None and working.session.run.step == 4, timeout=20_000)
    answers.sure = False
    working.close()
    assert working.isVisible()
    assert "still training" in answers.asked[-1]
    answers.sure = True
    working.close()
    assert not working.isVisible()
    assert load_settings().window


def test_notices_offer_their_actions_and_replace_their_like(window: MainWindow) -> None:
    done: list[int] = []
    window.session.tell(Notice("First.", key="save"))
    window.session.tell(Notice("Second.", "warning", (("Mend", lambda: done.append(1)),), key="save"))
    assert window.notices.texts == ["Second."]
    QTest.mouseClick(window.notices.findChild(QPushButton, "notice_action_0"), Qt.MouseButton.LeftButton)
    assert done == [1]
    assert not window.notices.isVisible()


def test_never_more_than_three_notices(window: MainWindow) -> None:
    for number in range(6):
        window.session.tell(Notice(f"Notice {number}."))
    assert window.notices.texts == ["Notice 5.", "Notice 4.", "Notice 3."]
    window.notices.clear()
    assert window.notices.texts == []


def test_the_details_of_a_mistake_can_be_copied(window: MainWindow) -> None:
    window.session.jobs.crashed.emit(InternalError(ValueError("what went wrong")))
    buttons = [b for b in window.notices.findChildren(QPushButton) if b.text() == "Copy details"]
    QTest.mouseClick(buttons[-1], Qt.MouseButton.LeftButton)
    assert "what went wrong" in QGuiApplication.clipboard().text()


def test_what_nobody_caught_is_logged_and_told(log_watch: LogWatch) -> None:
    import sys
    import threading

    log_watch.allow("nobody caught this")
    told: list[tuple[str, str]] = []
    hooks = CrashHooks(lambda text, details: told.append((text, details)))
    hooks.install()
    try:
        try:
            raise RuntimeError("in the main thread")
        except RuntimeError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    finally:
        hooks.remove()
    assert "in the main thread" in told[0][1]
    assert "ZeroDivisionError" in told[1][1]
    assert len(log_watch.records) == 2


def test_help_lists_every_shortcut_and_explains_words(window: MainWindow) -> None:
    window.show_help("words", "epoch")
    shown = [n.text() for _, n, m in window._help._word_rows if n.isVisibleTo(window._help)]
    assert shown == ["epoch"]
    window._help._search.setText("")
    window.show_help("shortcuts")
    window._help.close()
    assert all(meaning.endswith(".") for meaning in WORDS.values())


def test_help_on_training_is_found_by_its_words_and_names_the_logs_of_this_project(window: MainWindow) -> None:
    for typed, topic in (
        ("k-fold", "Folds: cross-validation"),
        ("fork", "Begins with"),
        ("out of memory", "When memory is too small"),
        ("notification", "Be told when it ends"),
        ("ghosts", "What the curves show"),
        ("host:port", "Several machines"),
        ("range test", "Find a learning rate"),
        ("reproducible", "Twice the same run"),
        ("EMA", "Loss, weights and limits"),
        ("sample weight", "Loss, weights and limits"),
        ("headless", "Without the window"),
        ("power loss", "Close and resume"),
        ("tensorboard", "TensorBoard"),
    ):
        window.show_help("training", typed)
        page = window._help.training
        assert page.title.text() == topic
    shown = [label.text() for label in page.said if label.isVisibleTo(page)]
    assert shown[-1] == f"tensorboard --logdir {shlex.quote(str(window.session.folder.runs))}"
    page.search.setText("zebra")
    assert "Nothing here about “zebra”" in page.none.text()
    assert not page.title.text()
    page.search.clear()
    assert page.title.text() == TOPICS[0].title
    assert all(said.endswith((".", ":", "{runs}")) for topic in TOPICS for said in topic.text)
    window._help.close()


def test_actions_have_unique_ids_and_shortcuts_and_known_icons() -> None:
    entries = [a for a in ACTIONS if a is not None]
    assert len({a.id for a in entries}) == len(entries)
    keys = [a.keys for a in entries if a.keys]
    assert len(set(keys)) == len(keys)
    assert all(a.icon in theme._glyphs()[1] for a in entries if a.icon)


def test_it_fits_small_and_large_screens(window: MainWindow) -> None:
    for size in ((1024, 700), (1920, 1080), (3840, 2160)):
        window.resize(*size)
        QApplication.processEvents()
        assert (window.width(), window.height()) == size
        strip = window.strip
        assert strip.mapTo(window, QPoint(0, strip.height())).y() <= window.height()


def test_everything_that_can_be_clicked_has_a_name(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton

    for name in ("start", "runs"):
        window.show_page(name)
    nameless = [
        b
        for part in (window.header, window.rail, window.strip, window.pages["start"], window.pages["runs"])
        for b in part.findChildren(QAbstractButton)
        if not b.objectName().startswith("qt_") and (not b.objectName() or not (b.accessibleName() or b.text()))
    ]
    assert [
        f"{type(b).__name__} {b.objectName()} {b.text()}" for b in nameless if type(b).__name__ != "QAbstractButton"
    ] == []


def test_a_question_is_asked_anew_when_what_it_asks_about_has_changed(window: MainWindow) -> None:
    seen: list[str] = []

    def answer() -> None:
        window.session.run_state_changed.emit()
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.extend((box.text(), *sorted(button.text() for button in box.buttons())))
        QTest.mouseClick(next(b for b in box.buttons() if b.text() == "Close"), Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, answer)
    anew = (window.session.run_state_changed, window._question)
    assert Dialogs().confirm(window, "A run is training", "It trains.", "End it and close", anew=anew)
    assert seen == ["The run has ended meanwhile, and nothing trains any more.", "Cancel", "Close"]
