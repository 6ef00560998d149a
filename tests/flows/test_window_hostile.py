"""Bad files, odd names, hasty hands: a clear message where it can be mended, and nothing lost. No engine is needed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.flows.window_driver import Person, Watch, open_window, watch
from workbench.core import edits, edits_graph
from workbench.core.checks import PAGES
from workbench.core.project import Project

__all__ = ["watch"]
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

CELLS = "length,width,kind\n" + "".join(f"{i},{i * 7 % 11},{'ab'[i % 2]}\n" for i in range(60))
ODD = ['"two\nlines"', '"😀"', '"שלום"', '"' + "long " * 40 + '"', '"<b>bold</b>"', '"=cmd()"', "kind"]


@pytest.fixture
def person(qapp: QApplication, watch: Watch) -> Iterator[Person]:
    """A person at a window whose engine is not started."""
    made = open_window(watch, engine=False)
    yield made
    made.close()


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 12), (shade, 0, 0)).save(path)


def flat_folder(folder: Path) -> None:
    for i in range(4):
        picture(folder / f"{i}.png", 20 * i)


def one_class(folder: Path) -> None:
    for i in range(4):
        picture(folder / "cats" / f"{i}.png", 20 * i)


def unreadable(folder: Path) -> None:
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.png").write_bytes(b"no picture")


def newer(folder: Path) -> None:
    folder.mkdir()
    (folder / "project.json").write_text('{"format": "workbench-project", "version": 99, "project": {}}')


def damaged(folder: Path) -> None:
    folder.mkdir()
    (folder / "project.json").write_text('{"format": "workbench-project", "vers')


def write(content: bytes | str) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content) and None


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "bytes.csv": (write(np.random.default_rng(0).bytes(5000)), "binary data"),
    "prose.txt": (write("Once upon a time there was a fox.\nIt ran.\n\nThe end, or not; who knows?\n"), "running text"),
    "empty.csv": (write(""), "The file is empty"),
    "header.csv": (write("a,b,c\n"), "only a header line"),
    "picture.csv": (write(b"\x89PNG\r\n\x1a\n" + bytes(200)), "PNG picture"),
    "lines.csv": (write("\n\n\n"), "The file is empty"),
    "archive.zip": (write(b"PK\x03\x04" + b"0" * 300), "ZIP archive is broken"),
    "arrays.npz": (write(b"PK junk"), "archive cannot be read"),
    "column.csv": (write("x\n" + "".join(f"{i}\n" for i in range(30))), "only one column"),
    "absent.csv": (lambda _path: None, "no such file"),
    "nothing": (lambda path: path.mkdir(), "nothing here that can be opened"),
    "flat": (flat_folder, "All pictures belong to one class"),
    "unreadable": (unreadable, "None of the 2 pictures can be read"),
    "one": (one_class, "one class"),
    "newer": (newer, "newer workbench"),
    "damaged": (damaged, "not valid JSON"),
}


def rest(person: Person) -> None:
    person.until("coming to rest", lambda: not person.session.jobs.busy)
    person.breathe(30)


def every_page(person: Person) -> None:
    for page in ("start", *PAGES):
        person.session.show_page(page)
        person.breathe(20)
    rest(person)


def test_what_cannot_be_used_is_said_in_plain_words_where_it_can_be_mended(person: Person, tmp_path: Path) -> None:
    """One after another in one window, as somebody would who does not know what fits; neighbours are told different
    things."""
    session = person.session
    for name, (make, words) in BAD.items():
        person.go("start")
        rest(person)
        assert words not in person.says(), f"{name}: said before already"
        path = tmp_path / name
        make(path)
        person.drop(path)
        rest(person)
        if session.project.data is not None and session.project.name == path.stem:
            person.go("features" if session.dataset is not None else "data")
            rest(person)
        assert words in person.says(), name
        assert not session.resolved.can_train, name
        every_page(person)


UNTIDY = {
    "ragged": CELLS.replace("0,0,a\n", "0,0\n").replace("1,7,b\n", "1,7,b,more\n").encode(),
    "latin": CELLS.replace("kind", "größe").encode("latin-1"),
    "wide": CELLS.encode("utf-16"),
    "semicolons": CELLS.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
}


def test_tables_that_are_only_untidy_are_read(person: Person, tmp_path: Path) -> None:
    session = person.session
    for name, content in UNTIDY.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content)
        person.drop(path)
        person.until(f"reading {name}", lambda name=name: session.project.name == name)
        person.opened()
        assert session.cleaned is not None
        assert session.dataset is not None
        aside = len(session.dataset.report.bad)
        assert len(session.cleaned.frame) + aside == 60, name
        assert session.cleaned.frame.shape[1] == 3, name
        assert (aside > 0) == (name == "ragged")
        if aside:
            person.go("data")
            rest(person)
            assert f"{aside} lines set aside" in person.window.pages["data"].source.bad.text()
        every_page(person)


def test_a_target_with_one_value_is_refused_where_it_is_chosen(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_text("a,b\n" + "".join(f"{i},yes\n" for i in range(40)))
    person.drop(path)
    person.opened()
    person.session.apply(edits.set_target("b", person.session.features.columns), "Predict b")
    person.go("features")
    rest(person)
    assert "one value" in person.says() or "only" in person.says()
    assert not person.session.resolved.can_train


def test_odd_names_are_shown_as_they_are_on_every_page(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        ",".join(ODD) + "\n" + "".join(f"{i},{i * 3 % 7},{i % 5},{i},{i},{i},{'xy'[i % 2]}\n" for i in range(60))
    )
    person.drop(path)
    person.opened()
    every_page(person)
    session = person.session
    assert [c.name for c in session.features.columns][1:3] == ["😀", "שלום"]
    person.session.apply(edits.rename_project("<i>name</i>\nof 😀 " + "x" * 200), "Rename")
    every_page(person)
    assert session.facts is not None


def test_a_wide_table_does_not_stop_the_window(person: Person, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "wide.csv"
    values = rng.normal(size=(300, 999)).round(3).astype(str)
    lines = [",".join(row) + f",{'ab'[i % 2]}" for i, row in enumerate(values)]
    path.write_text(",".join(f"c{i}" for i in range(999)) + ",target\n" + "\n".join(lines) + "\n")
    person.drop(path)
    person.opened()
    every_page(person)
    assert person.session.facts is not None
    assert person.session.facts.inputs[0].shape == (999,)


def test_pasted_prose_leaves_the_open_project_alone(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(CELLS)
    person.drop(path)
    person.opened()
    before = person.session.project
    QGuiApplication.clipboard().setText("not a table at all")
    person.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    person.until("the message", lambda: "Pasted cells" in person.says())
    assert person.session.project is before


def test_a_second_file_dropped_while_the_first_is_read_wins_and_the_first_is_kept(
    person: Person, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("a,b,c\n" + "1,2,3\n" * 400_000)
    second.write_text(CELLS)
    person.drop(first)
    person.until("reading the first", lambda: person.session.project.name == "first")
    person.drop(second)
    person.until("the second", lambda: person.session.project.name == "second" and person.session.dataset is not None)
    rest(person)
    assert len(person.session.dataset.frame) == 60
    person.go("start")
    person.until("both", lambda: {b.text() for b in person.recents()} >= {"first", "second"})


def test_hasty_edits_are_all_taken_back(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(CELLS)
    person.drop(path)
    person.opened()
    session = person.session
    start, rng = session.project, random.Random(0)

    def one() -> Callable[[Project], Project]:
        nodes, steps = session.project.graph.nodes, session.project.recipe
        kind = rng.randrange(8)
        if kind == 0:
            return edits.set_train(epochs=rng.randrange(1, 500))
        if kind == 1:
            return edits.set_target(rng.choice(session.features.columns).name, session.features.columns)
        if kind == 2 or len(nodes) < 2:
            return edits_graph.add_layer(rng.choice(("Dense", "Dropout", "Flatten")), at=(rng.random() * 500, 80.0))
        if kind == 3:
            return edits_graph.delete_nodes([rng.choice(nodes).id])
        if kind == 4:
            return edits_graph.move_nodes({rng.choice(nodes).id: (rng.random() * 900, rng.random() * 900)})
        if kind == 5:
            return edits.add_step("drop_missing", {"columns": [rng.choice(("length", "width"))]})
        if kind == 6 and steps:
            return edits.delete_step(rng.choice(steps).id)
        return edits.rename_project(f"name {rng.randrange(99)}")

    for number in range(80):
        session.apply(one(), "Something")
        if number % 10 == 0:
            session.show_page(rng.choice(PAGES[:4]))
            person.breathe(rng.choice((1, 40)))
    rest(person)
    end = session.project
    while session.undo():
        person.breathe(0)
        if session.project == start:
            break
    rest(person)
    assert session.project == start
    while session.redo():
        pass
    rest(person)
    assert session.project == end


def test_a_second_window_on_the_same_project_reads_only(person: Person, watch: Watch, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(CELLS)
    person.drop(path)
    person.opened()
    place = tmp_path / "shared"
    person.answers.place = place
    person.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    person.until("saving", lambda: not person.session.folder.draft)
    rest(person)
    other = open_window(watch, engine=False)
    try:
        other.session.open_project(place)
        other.until("opening", lambda: other.session.folder.path == place)
        other.opened()
        assert "read-only" in other.says()
        assert "another window" in other.says()
        saved = (place / "project.json").read_bytes()
        other.session.apply(edits.rename_project("other"), "Rename")
        other.breathe(2300)  # longer than the pause before a project saves itself
        assert (place / "project.json").read_bytes() == saved
    finally:
        other.close()


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_lost(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(CELLS)
    person.drop(path)
    person.opened()
    before = person.session.project
    person.answers.place = path / "inside a file"
    person.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    person.until("the message", lambda: "could not be saved" in person.says())
    assert person.session.folder.draft
    assert person.session.project.data == before.data


def test_every_page_fits_the_screen_in_light_and_dark(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(CELLS)
    person.drop(path)
    person.opened()
    for size, look in (((3840, 2160), "dark"), ((1024, 700), "dark"), ((1024, 700), "light"), ((3840, 2160), "light")):
        person.window.resize(*size)
        person.window.set_theme(look)
        every_page(person)
        assert (person.window.width(), person.window.height()) == size
        cut = [
            b.text()
            for b in person.window.findChildren(QAbstractButton)
            if b.isVisible() and b.mapTo(person.window, b.rect().topLeft()).x() > size[0]
        ]
        assert not cut
