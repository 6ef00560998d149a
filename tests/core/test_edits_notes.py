"""Notes as edits of the project: bounded, stored, no part of the model."""

from __future__ import annotations

import pytest

from workbench.core.codec import decode, encode
from workbench.core.edits_notes import (
    LONGEST,
    SMALLEST,
    add_note,
    colour_note,
    delete_notes,
    move_notes,
    resize_note,
    write_note,
)
from workbench.core.errors import GraphError
from workbench.core.project import Project
from workbench.core.proposal import start_from
from workbench.core.templates import template

from .graphs import table


@pytest.fixture
def project() -> Project:
    return add_note("look here\n", (11.0, 5.0), "n", colour=3)(Project())


def test_a_note_lies_on_the_grid_and_is_stored(project):
    (note,) = project.graph.notes
    assert (note.text, note.x, note.y, note.colour) == ("look here", 8.0, 8.0, 3)
    assert decode(Project, encode(project)) == project


def test_projects_of_before_have_none():
    raw = encode(Project())
    raw["graph"].pop("notes", None)
    assert decode(Project, raw).graph.notes == ()


def test_notes_outlast_the_template_they_were_written_beside(project):
    facts = table(4, 3)
    after = start_from("dense", template("dense", facts), facts)(project)
    assert after.graph.notes == project.graph.notes
    assert after.graph.nodes


def test_it_is_never_too_small_to_be_held(project):
    (note,) = resize_note("n", 1, 1)(project).graph.notes
    assert (note.width, note.height) == SMALLEST


def test_edits_that_change_nothing_leave_the_project_as_it_is(project):
    for edit in (move_notes({"n": (8.0, 8.0)}), colour_note("n", 3), write_note("n", "look here"), delete_notes(["x"])):
        assert edit(project) is project


def test_a_note_without_words_is_no_note(project):
    assert write_note("n", " \n")(project).graph.notes == ()
    with pytest.raises(GraphError, match="needs some words"):
        add_note("  ", (0, 0))(project)


def test_what_cannot_be_is_said(project):
    with pytest.raises(GraphError, match="characters at most"):
        write_note("n", "a" * (LONGEST + 1))(project)
    with pytest.raises(GraphError, match="not there any more"):
        colour_note("gone", 1)(project)
