"""Notes on the canvas, as the person asks for them: by key, by menu, by double-click, from the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF

from workbench.core import edits_notes
from workbench.core.edits import new_id
from workbench.core.project import Graph, Note
from workbench.ui.model.canvas.note_field import NoteField
from workbench.ui.model.library import Piece
from workbench.ui.model.verbs import place_at

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage

NOTE = "note:"
"""What stands for a note where a layer has its kind."""
COLOURS = ("Blue", "Orange", "Green", "Red", "Purple", "Brown", "Pink", "Grey")
ROW = Piece(
    NOTE,
    "Note",
    "Words of your own beside the layers. They mean nothing to the model.",
    words="comment remark sticky text label annotation",
)
_NEW = (200.0, 96.0)


class Noting(QObject):
    """For a ModelPage."""

    def __init__(self, page: ModelPage) -> None:
        super().__init__(page)
        self._page = page
        self._at = QPointF()
        self.field = NoteField(page.stage.view)
        self.field.taken.connect(self._taken)
        self.field.refused.connect(page.verbs.refused)
        scene = page.stage.scene
        scene.note_opened.connect(self.edit)
        scene.note_resized.connect(self.resize)
        page.stage.view.note_wanted.connect(self.begin)

    @property
    def _graph(self) -> Graph:
        return self._page.graph

    def find(self, ident: str) -> Note | None:
        return next((note for note in self._graph.notes if note.id == ident), None)

    def begin(self, at: QPointF | None = None) -> None:
        """Ask for the words of a new note; at: its top left corner, else where the pointer or the middle is."""
        view = self._page.stage.view
        if at is None:
            seen = view.viewport().rect()
            pointer = view.viewport().mapFromGlobal(view.cursor().pos())
            at = view.mapToScene(pointer if seen.contains(pointer) else seen.center())
        self._at = QPointF(*place_at(at))
        self.field.begin("", "", QRectF(self._at.x(), self._at.y(), *_NEW), self._last_colour())

    def free_spot(self) -> QPointF:
        """Beside what is selected, else in the middle of what is seen, or right of the blocks that lie there."""
        scene, view = self._page.stage.scene, self._page.stage.view
        chosen = scene.chosen_nodes()
        if chosen:
            return scene.content_rect(chosen).topRight() + QPointF(24, 0)
        seen = view.mapToScene(view.viewport().rect()).boundingRect()
        place = QRectF(seen.center(), QSizeF(*_NEW))
        blocks = [item.sceneBoundingRect() for item in scene.nodes.values()]
        while (hit := next((block for block in blocks if block.intersects(place)), None)) is not None:
            place.moveLeft(hit.right() + 24)
        return place.topLeft() if seen.contains(place) else seen.center()

    def edit(self, ident: str) -> None:
        """Write in a note."""
        note, item = self.find(ident), self._page.stage.scene.notes.get(ident)
        if note is not None and item is not None:
            self.field.begin(ident, note.text, item.card().translated(item.pos()), note.colour)

    def _taken(self, ident: str, text: str) -> None:
        verbs = self._page.verbs
        if ident:
            self.write(ident, text)
        elif text.strip():
            fresh, at = new_id(), (self._at.x(), self._at.y())
            if verbs.do(edits_notes.add_note(text, at, fresh, colour=self._last_colour()), "Add note"):
                self._page.stage.scene.choose([fresh])

    def write(self, ident: str, text: str, *, typing: bool = False) -> None:
        """Other words for a note; none at all delete it. typing: more will come, one step to undo in all."""
        note = self.find(ident)
        if note is not None and note.text != text:
            edit = edits_notes.write_note(ident, text)
            self._page.verbs.do(
                edit, "Write a note" if text.strip() else "Delete note", f"note:{ident}" if typing else None
            )

    def resize(self, ident: str, width: float, height: float) -> None:
        self._page.verbs.do(edits_notes.resize_note(ident, width, height), "Resize note")

    def colour(self, ident: str, number: int) -> None:
        self._page.verbs.do(edits_notes.colour_note(ident, number), "Colour note")

    def _last_colour(self) -> int:
        """That of the note made last: a person's notes are alike as long as they want nothing else."""
        notes = self._graph.notes
        return notes[-1].colour if notes else 1
