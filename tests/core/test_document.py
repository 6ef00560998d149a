"""Undo covers everything, and saving is remembered."""

from dataclasses import replace

from workbench.core import edits
from workbench.core.document import Change, Document
from workbench.core.edits_weights import bring_in
from workbench.core.project import DataSpec, Graph, ImageFeature, Node, Project


def renamed(name: str):
    return lambda p: replace(p, name=name)


def test_undo_and_redo_walk_through_every_change():
    document = Document()
    document.apply(renamed("a"), "Rename to a")
    document.apply(edits.set_train(epochs=3), "Set epochs")
    assert document.undo_label == "Set epochs"
    document.undo()
    assert document.project.train.epochs == 20
    assert document.project.name == "a"
    document.undo()
    assert document.project.name == "Untitled"
    assert not document.undo()
    document.redo()
    document.redo()
    assert (document.project.name, document.project.train.epochs) == ("a", 3)
    assert not document.redo()


def test_a_new_edit_ends_the_redo_branch():
    document = Document()
    document.apply(renamed("a"), "a")
    document.undo()
    document.apply(renamed("b"), "b")
    assert not document.redo()
    assert document.project.name == "b"


def test_dragging_is_one_undo_step_and_separate_drags_are_two():
    document = Document()
    for rate in (0.1, 0.2, 0.3):
        document.apply(edits.set_train(optimizer_params={"learning_rate": rate}), "Learning rate", merge_key="lr")
    document.end_merge()
    document.apply(edits.set_train(optimizer_params={"learning_rate": 0.4}), "Learning rate", merge_key="lr")
    document.undo()
    assert document.project.train.optimizer_params == {"learning_rate": 0.3}
    document.undo()
    assert document.project.train.optimizer_params == {}


def test_an_edit_that_changes_nothing_leaves_no_trace():
    document = Document()
    heard: list[Change] = []
    document.listen(heard.append)
    assert not document.apply(edits.set_train(epochs=20), "Set epochs")
    assert not heard
    assert document.undo_label == ""


def test_dirty_follows_what_is_on_disk():
    document = Document()
    assert not document.dirty
    document.apply(renamed("a"), "a")
    assert document.dirty
    document.mark_saved()
    assert not document.dirty
    document.undo()
    assert document.dirty
    document.redo()
    assert not document.dirty


def test_listeners_are_told_before_and_after_and_can_leave():
    document = Document()
    heard: list[Change] = []
    stop = document.listen(heard.append)
    document.apply(renamed("a"), "Rename")
    stop()
    document.undo()
    assert [(c.before.name, c.after.name, c.label) for c in heard] == [("Untitled", "a", "Rename")]


def test_another_source_starts_recipe_columns_and_graph_anew_and_can_be_undone():
    document = Document(Project(name="keep"))
    document.apply(edits.open_data(DataSpec("csv", "/a.csv")), "Open")
    document.apply(edits.add_step("drop_duplicates", {}), "Drop duplicates")
    document.apply(edits.open_data(DataSpec("csv", "/b.csv")), "Open")
    assert document.project.recipe == ()
    assert document.project.name == "keep"
    document.undo()
    assert len(document.project.recipe) == 1


def test_the_first_data_leaves_the_model_that_was_opened_for_it():
    document = Document()
    graph = Graph(nodes=(Node("a", "Input", "picture"), Node("b", "Dense", "hidden")))
    document.apply(bring_in(graph, "mine"), "Open mine.keras")
    document.apply(edits.set_image(ImageFeature(28, 28, 1)), "Prepare pictures")
    document.apply(edits.open_data(DataSpec("images", "/digits")), "Open")
    assert document.project.graph == graph
    assert document.project.features.image == ImageFeature(28, 28, 1)
    document.apply(edits.open_data(DataSpec("images", "/letters")), "Open")
    assert document.project.graph == Graph()


def test_steps_are_moved_switched_off_and_deleted():
    document = Document()
    for kind in "abc":
        document.apply(edits.add_step(kind, {}, step_id=kind), "Add")
    document.apply(edits.move_step("c", 0), "Move")
    document.apply(edits.enable_step("a", False), "Switch off")
    document.apply(edits.delete_step("b"), "Delete")
    assert [(s.kind, s.enabled) for s in document.project.recipe] == [("c", True), ("a", False)]
