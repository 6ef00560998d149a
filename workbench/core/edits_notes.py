"""The person's verbs on notes on the canvas, each a pure edit `Project -> Project` for `Document.apply`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from . import layout
from .document import Edit
from .edits import new_id
from .edits_groups import with_graph
from .errors import GraphError
from .project import Note, Project

Place = tuple[float, float]
SMALLEST = (96.0, 40.0)
"""Pixels: a note is never narrower or lower."""
LONGEST = 4000
"""Characters of a note."""


def add_note(text: str, at: Place, note_id: str = "", *, colour: int = 0) -> Edit:
    """A note with its top left corner at a place.

    Raises (when applied):
        GraphError: nothing is written in it, or more than LONGEST characters.
    """
    note = Note(note_id or new_id(), text, layout.snapped(at[0]), layout.snapped(at[1]), colour=colour)
    return lambda project: _with(project, (*project.graph.notes, replace(note, text=_written(text))))


def write_note(note_id: str, text: str) -> Edit:
    """Another text; a note in which nothing is written any more goes away.

    Raises (when applied):
        GraphError: it is longer than LONGEST characters, or there is no such note.
    """
    if not text.strip():
        return delete_notes([note_id])
    return _changed(note_id, lambda note: replace(note, text=_written(text)))


def colour_note(note_id: str, colour: int) -> Edit:
    """Number of one of the theme's colours."""
    return _changed(note_id, lambda note: replace(note, colour=colour))


def resize_note(note_id: str, width: float, height: float) -> Edit:
    """Pixels, on the grid; never less than SMALLEST."""
    wide, tall = max(SMALLEST[0], layout.snapped(width)), max(SMALLEST[1], layout.snapped(height))
    return _changed(note_id, lambda note: replace(note, width=wide, height=tall))


def move_notes(places: Mapping[str, Place]) -> Edit:
    """Top left corners of some notes."""

    def moved(note: Note) -> Note:
        x, y = places.get(note.id, (note.x, note.y))
        return replace(note, x=float(x), y=float(y))

    return lambda project: _with(project, tuple(moved(note) for note in project.graph.notes))


def delete_notes(ids: Iterable[str]) -> Edit:
    """Take notes away."""
    gone = frozenset(ids)
    return lambda project: _with(project, tuple(note for note in project.graph.notes if note.id not in gone))


def paste_notes(notes: Iterable[Note], ids_of_copies: Mapping[str, str], offset: Place) -> Edit:
    """Copies, moved by `offset`. ids_of_copies: {id: id of its copy}."""
    copies = tuple(
        replace(note, id=ids_of_copies[note.id], x=note.x + offset[0], y=note.y + offset[1]) for note in notes
    )
    return lambda project: _with(project, (*project.graph.notes, *copies))


def too_long(characters: int) -> GraphError:
    """Why a note does not take so many characters."""
    return GraphError(
        f"A note holds {LONGEST:,} characters at most; these are {characters:,}.",
        remedy="Make two notes of it, or shorten it.",
    )


def _written(text: str) -> str:
    if not text.strip():
        raise GraphError("A note needs some words.", remedy="Write something, or leave it.")
    if len(text) > LONGEST:
        raise too_long(len(text))
    return text.strip("\n").rstrip()


def _changed(note_id: str, change: Callable[[Note], Note]) -> Edit:
    def edit(project: Project) -> Project:
        notes = project.graph.notes
        if all(note.id != note_id for note in notes):
            raise GraphError("This note is not there any more.", remedy="Write another one.")
        return _with(project, tuple(change(note) if note.id == note_id else note for note in notes))

    return edit


def _with(project: Project, notes: tuple[Note, ...]) -> Project:
    if notes == project.graph.notes:
        return project
    return with_graph(project, replace(project.graph, notes=notes))
