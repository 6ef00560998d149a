"""The form of what is selected: name, what the layer does, its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog, LayerEntry
from workbench.core.facts import DataFacts
from workbench.core.fields import Field
from workbench.core.project import Node, Note
from workbench.ui import theme
from workbench.ui.forms import FieldForm
from workbench.ui.model.group_card import GroupCard, GroupView
from workbench.ui.model.looks import NodeLook
from workbench.ui.model.note_card import NoteCard
from workbench.ui.model.output_card import OutputCard
from workbench.ui.model.output_looks import OutputView
from workbench.ui.model.share_strip import ShareStrip
from workbench.ui.model.start_strip import StartStrip
from workbench.ui.widgets.label import plain_label

# Arguments most people reach for, before the rest; required ones come before these.
_FIRST = (
    "pool_size", "activation", "strides", "padding", "rate", "return_sequences", "dropout", "axis", "momentum",
    "epsilon", "use_bias", "target_shape", "factor", "dtype",
)  # fmt: skip


def reading_order(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Required fields first, then the ones people reach for, then the others as Keras lists them."""
    places = {name: place for place, name in enumerate(_FIRST)}
    return tuple(sorted(fields, key=lambda one: (not one.required, places.get(one.name, 99))))


class Inspector(QScrollArea):
    """Shows one block, or several of the same kind together.

    Signals: param_edited(ids, name, value, title); renamed(id, name); of one Output of several, output_bound(id,
    target) and output_edited(id, {param: value or None}, title).
    """

    param_edited = Signal(list, str, object, str)
    output_bound = Signal(str, str)
    output_edited = Signal(str, object, str)
    renamed = Signal(str, str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self.setObjectName("inspector")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2)
        self._column.setSpacing(theme.SPACE)
        self.title = plain_label(role="heading")
        self.facts = plain_label(role="muted")
        self.help = plain_label(role="muted")
        self.note = plain_label(role="warning")
        name_row = QWidget()
        line = QHBoxLayout(name_row)
        line.setContentsMargins(0, 0, 0, 0)
        caption = QLabel("Name")
        caption.setFixedWidth(116)
        self.name = QLineEdit()
        self.name.setObjectName("layer-name")
        self.name.setAccessibleName("Layer name")
        self.name.editingFinished.connect(self._name_done)
        caption.setBuddy(self.name)
        line.addWidget(caption)
        line.addWidget(self.name, 1)
        line.addSpacing(24)
        self._name_row = name_row
        self.sharing = ShareStrip()
        self.start = StartStrip()
        self.group = GroupCard()
        self.words = NoteCard()
        self.output = OutputCard(catalog)
        self.output.bound.connect(self.output_bound)
        self.output.edited.connect(self.output_edited)
        above = (self.title, self.facts, self.help, self.note, name_row)
        for widget in (*above, self.group, self.words, self.output, self.sharing, self.start):
            self._column.addWidget(widget)
        self._place = self._column.count()
        self._column.addStretch(1)
        self.setWidget(body)
        self.form: FieldForm | None = None
        self._shown: tuple[Any, ...] = ()
        self._nodes: list[Node] = []

    def show_nodes(
        self,
        nodes: Sequence[Node],
        looks: Mapping[str, NodeLook],
        data: DataFacts | None,
        note: str = "",
        output: OutputView | None = None,
    ) -> None:
        """Show these blocks (none: what can be done). output: of the block, when it is one Output of several."""
        if [node.id for node in nodes] != [node.id for node in self._nodes]:
            self.flush()
            self.name.setModified(False)
        self._nodes = list(nodes)
        self.group.hide()
        self.words.show_note(None)
        self.output.show_output(output)
        self.start.show_nodes(nodes)
        wrong = any(looks[node.id].severity == "error" for node in nodes if node.id in looks)
        theme.set_role(self.note, "error" if wrong else "warning")
        self._say(self.note, note)
        if not nodes:
            self.title.setText("Nothing selected")
            self._say(self.facts, "")
            self._say(
                self.help,
                "Select a layer to change it. Double-click a layer of the list, or drag it onto the canvas or onto a "
                "wire, to add it. Drag from the dot under a block to another block to wire them.",
            )
            self._name_row.hide()
            self._set_form((), ())
            return
        kinds = {node.kind for node in nodes}
        first = nodes[0]
        entry = self._catalog.layer(first.kind)
        if len(nodes) == 1:
            look = looks.get(first.id)
            self.title.setText(entry.title if entry else first.kind)
            self._say(self.facts, look.told or look.second if look else "")
            self._say(self.help, entry.help if entry else "This layer is not in the list of this version.")
            self._name_row.show()
            if not self.name.isModified():
                self.name.setText(first.name)
                self.name.setCursorPosition(0)
        else:
            word = entry.title if entry and len(kinds) == 1 else ""
            self.title.setText(f"{len(nodes)} {word} layers".replace("  ", " "))
            self._name_row.hide()
            alike = "An edit is for all of them." if len(kinds) == 1 else "They are of different kinds."
            self._say(self.facts, alike)
            self._say(self.help, "" if len(kinds) == 1 else "What they have in common can be changed for all.")
        ends = any(node.kind == "Output" for node in nodes)  # whose settings are in a card, or on the Train page
        self._set_form(() if ends else self._fields(nodes, data), nodes)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show a note, or how many are selected; no block is."""
        self.show_nodes((), {}, None)
        one = len(notes) == 1
        self.title.setText("Note" if one else f"{len(notes)} notes")
        self._say(self.help, "Words of your own beside the layers. They mean nothing to the model." if one else "")
        self.words.show_note(notes[0] if one else None)

    def show_group(self, view: GroupView, nodes: Sequence[Node]) -> None:
        """Show a group with the nodes in it."""
        if self._nodes or not self.group.isVisibleTo(self):
            self.flush()
        self._nodes = []
        self.title.setText("Group")
        self._say(self.facts, view.told)
        self._say(self.help, "")
        theme.set_role(self.note, "error" if view.wrong else "warning")
        self._say(self.note, view.problem)
        self._name_row.hide()
        self._set_form((), ())
        self.output.show_output(None)
        self.words.show_note(None)
        self.group.show_group(view)
        self.start.show_nodes(nodes)

    def _fields(self, nodes: Sequence[Node], data: DataFacts | None) -> tuple[Field, ...]:
        found: tuple[Field, ...] | None = None
        for kind in dict.fromkeys(node.kind for node in nodes):
            fields = self._of_kind(self._catalog.layer(kind), data)
            found = fields if found is None else tuple(one for one in found if one in fields)
        return reading_order(found or ())

    @staticmethod
    def _of_kind(entry: LayerEntry | None, data: DataFacts | None) -> tuple[Field, ...]:
        if entry is None:
            return ()
        if entry.name == "Input":
            names = tuple(one.name for one in data.inputs) if data else ()
            only = names[0] if len(names) == 1 else None
            return tuple(replace(one, choices=names, default=one.default or only) for one in entry.fields)
        return entry.fields

    def _set_form(self, fields: tuple[Field, ...], nodes: Sequence[Node]) -> None:
        key = (fields, tuple(node.kind for node in nodes))
        if self._shown != key or self.form is None:
            if self.form is not None:
                self._column.removeWidget(self.form)
                self.form.hide()
                self.form.deleteLater()
                self.form = None
            self._shown = key
            if fields:
                self.form = FieldForm(fields, self.widget(), self._catalog)
                self.form.edited.connect(self._edited)
                self._column.insertWidget(self._place, self.form)
        if self.form is not None:
            self.form.set_several([node.params for node in nodes])

    def flush(self) -> None:
        """Take what is typed and not yet taken, before the selection moves on."""
        self._name_done()
        self.group.flush()
        self.words.flush()
        self.output.flush()
        if self.form is not None:
            self.form.flush()

    def focus_first(self) -> None:
        """Into the first field; the name where there is none."""
        if self.output.isVisibleTo(self) and self.output.focus_first():
            return
        if self.form is None or not self.form.focus_first():
            self.focus_name()

    def focus_name(self) -> None:
        """Into the name."""
        field = self.group.name if self.group.isVisibleTo(self) else self.name
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()

    def _edited(self, name: str, value: Any) -> None:
        form = self.form
        title = form.rows[name].field.label if form is not None else name
        self.param_edited.emit([node.id for node in self._nodes], name, value, title)

    def _name_done(self) -> None:
        if not self.name.isModified() or len(self._nodes) != 1:
            return
        self.name.setModified(False)
        if self.name.text().strip() == self._nodes[0].name:
            self.restore_name()
            return
        self.renamed.emit(self._nodes[0].id, self.name.text().strip())

    def restore_name(self) -> None:
        """The name was refused: show the one it has."""
        if len(self._nodes) == 1:
            self.name.setText(self._nodes[0].name)

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
