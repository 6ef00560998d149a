"""The training settings: the few that matter on top, the rest folded, each problem beside what it concerns.

Shows the project and tells edits; it holds no truth. UI thread only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.core import edits, edits_graph
from workbench.core.catalog import Catalog, Entry
from workbench.core.document import Edit
from workbench.core.edits_optimizer import carried, use_optimizer
from workbench.core.facts import GraphFacts, Problem
from workbench.core.monitors import watched
from workbench.core.project import EarlyStopping, Node, TrainSpec
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.forms import FieldForm, FieldRow
from workbench.ui.train.device_words import Advice, chosen_in_words
from workbench.ui.train.more_settings import MoreSettings
from workbench.ui.train.outputs_note import OutputsNote
from workbench.ui.train.schedule_curve import ScheduleCurve, schedule_in_words
from workbench.ui.train.trouble import Trouble
from workbench.ui.train.usual_fields import (
    BATCH,
    DEFAULTS,
    EPOCHS,
    SEED,
    device_field,
    loss_field,
    monitor_title,
    optimizer_field,
    rate_field,
    stopping_fields,
)
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.section import Section


class SettingsPanel(QWidget):
    """`edited(edit, label, merge_key)` asks for one undoable change of the project; `output_wanted(id)` for the block
    of an output, where its loss and metrics are chosen."""

    edited = Signal(object, str, str)
    output_wanted = Signal(str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainSettings")
        self._catalog = catalog
        self._train = TrainSpec()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE // 2)
        self.basics = FieldForm((EPOCHS, BATCH, optimizer_field(catalog)), prefix="train-")
        combo = self._combo(self.basics, "optimizer")
        for i in range(combo.count()):
            entry = catalog.optimizers.get(combo.itemData(i))
            if entry is not None:
                combo.setItemText(i, entry.title)
                combo.setItemData(i, entry.help, 3)  # Qt.ItemDataRole.ToolTipRole
        self.basics.edited.connect(self._basic_edited)
        self._column.addWidget(self.basics)
        self._rate_place = self._place(self._column)
        self.curve = ScheduleCurve(catalog)
        self._column.addWidget(self.curve)
        self.length = plain_label(role="caption", name="scheduleLength")
        self.length.hide()
        self._column.addWidget(self.length)
        self.outputs = OutputsNote()
        self.outputs.wanted.connect(self.output_wanted)
        self._column.addWidget(self.outputs)
        self.own = Section("Optimizer settings", folded=True)
        self.more = Section("Loss, seed and device", folded=True)
        self.early = Section("Early stopping", folded=True)
        for section in (self.more, self.own, self.early):
            self._column.addWidget(section)
        self.further = MoreSettings(catalog)
        self.further.edited.connect(self.edited)
        self._column.addWidget(self.further)
        self._column.addStretch(1)
        self._own_place = self._place(self.own.body_layout)
        self._more_place = self._place(self.more.body_layout)
        self._early_place = self._place(self.early.body_layout)
        self.rate: FieldForm | None = None
        self.optimizer: FieldForm | None = None
        self.others: FieldForm | None = None
        self.stopping: FieldForm | None = None
        self._shape: dict[str, Any] = {}
        self._left: tuple[str, dict[str, Any], tuple[str, ...]] = "", {}, ()  # by the last change of the optimizer
        self._several = False

    def show_train(
        self,
        train: TrainSpec,
        *,
        task: str = "",
        graph: GraphFacts | None = None,
        devices: Sequence[tuple[str, str]] = (),
        held_out: bool = True,
        classes: Sequence[str] = (),
        rows: int = 0,
        outputs: Sequence[tuple[Node, str, str]] = (),
        by_class: Sequence[float] = (),
        advice: Advice | None = None,
    ) -> None:
        """Show settings. devices: (name, title) as the engine knows them. held_out: there are validation rows.
        classes: of the target, of several the first that has some. rows: of the training part, 0 when not known.
        outputs: of several, (block, target, its loss and metrics in words); those of the settings are without effect
        then, and not shown. by_class: what a row of each of the classes counts as the features say. advice: what
        there is to be said of precision or threads on the device."""
        self._train = train
        self.basics.set_values({"epochs": train.epochs, "batch_size": train.batch_size, "optimizer": train.optimizer})
        self._show_optimizer(train)
        name, kept, gone = self._left
        fresh = bool(gone) and (train.optimizer, train.optimizer_params) == (name, kept)
        left = ", ".join(key.replace("_", " ") for key in gone)
        self._explain(self.basics.rows["optimizer"], f"{name} has no {left}: not set any more." if fresh else "")
        self._several = bool(outputs)
        self.outputs.show_outputs(outputs)
        self._show_others(train, task, graph, devices)
        self._show_stopping(train, graph, held_out)
        self.further.show_train(train, task, graph, classes, by_class=by_class, several=self._several)
        self.further.show_advice(advice)
        steps = -(-rows // max(1, train.batch_size)) if rows else 0
        self.curve.show_schedule(train.optimizer_params.get("learning_rate"), train.epochs, steps)
        told = schedule_in_words(train, rows, self._catalog) if rows else ""
        self.length.setText(told)
        self.length.setVisible(bool(told))
        self._show_problems(graph)

    # ---- the parts -----------------------------------------------------------------------------------------------

    def _show_optimizer(self, train: TrainSpec) -> None:
        entry = self._catalog.optimizers.get(train.optimizer)
        if self._shape.get("optimizer") != train.optimizer:
            self._shape["optimizer"] = train.optimizer
            fields = entry.fields if entry else ()
            rate = [rate_field(f) for f in fields if f.name == "learning_rate"]
            rest = [f for f in fields if f.name not in ("learning_rate", "name")]
            self.rate = self._swap(self._rate_place, self.rate, FieldForm(rate, None, self._catalog, prefix="rate-"))
            made = FieldForm(rest, None, self._catalog, prefix="optimizer-")
            self.optimizer = self._swap(self._own_place, self.optimizer, made)
            self.rate.edited.connect(self._optimizer_edited)
            self.optimizer.edited.connect(self._optimizer_edited)
            self.own.set_title(f"{entry.title if entry else train.optimizer} settings")
        for form in (self.rate, self.optimizer):
            if form is not None:
                form.set_values({k: v for k, v in train.optimizer_params.items() if k in form.rows})
        changed = sum(1 for k in train.optimizer_params if k != "learning_rate")
        self.own.set_note(f"{changed} changed" if changed else "")

    def _show_others(
        self, train: TrainSpec, task: str, graph: GraphFacts | None, devices: Sequence[tuple[str, str]]
    ) -> None:
        shape = (task, tuple(devices))
        self.more.set_title("Seed and device" if self._several else "Loss, seed and device")
        if self._shape.get("others") != shape:
            self._shape["others"] = shape
            fields = (loss_field(self._catalog, task), SEED, device_field([name for name, _ in devices]))
            self.others = self._swap(self._more_place, self.others, FieldForm(fields, prefix="train-"))
            self.others.edited.connect(self._basic_edited)
            losses = self._combo(self.others, "loss")
            for i in range(losses.count()):
                self._title(losses, i, self._catalog.losses)
            titles = dict(devices)
            choices = self._combo(self.others, "device")
            for i in range(choices.count()):
                name = choices.itemData(i)
                choices.setItemText(i, "auto" if name == "auto" else titles.get(name, name))
        if self.others is None:
            return
        resolved = self._catalog.losses.get(graph.loss) if graph else None
        word = resolved.title.lower() if resolved else (graph.loss.replace("_", " ") if graph and graph.loss else "")
        self._explain(self.others.rows["loss"], f"auto means {word} here" if word and train.loss == "auto" else "")
        self._explain(self.others.rows["device"], chosen_in_words(train, devices))
        self.others.rows["loss"].setVisible(not self._several)
        self.others.set_values({"loss": train.loss, "seed": train.seed, "device": train.device})
        self.others.rows["loss"].setVisible(not self._several)  # the form shows its rows when it is filled
        changed = sum((train.loss != "auto" and not self._several, train.seed != DEFAULTS.seed, train.device != "auto"))
        self.more.set_note(f"{changed} changed" if changed else "")

    def _show_stopping(self, train: TrainSpec, graph: GraphFacts | None, held_out: bool) -> None:
        names = ("loss", *(graph.metrics if graph else ()))
        titles: dict[str, str] = {}
        if self._several and graph is not None:
            names = ("loss", *(f"{o.name}_{m}" for o in graph.outputs for m in ("loss", *o.metrics)))
            titles = {o.name: o.target for o in graph.outputs}
        monitors = tuple(f"val_{n}" for n in names) + names if held_out else names
        if train.early_stopping.monitor not in monitors:
            monitors += (train.early_stopping.monitor,)
        if self._shape.get("stopping") != (monitors, titles):
            self._shape["stopping"] = (monitors, titles)
            made = FieldForm(stopping_fields(monitors), prefix="stopping-")
            self.stopping = self._swap(self._early_place, self.stopping, made)
            self.stopping.edited.connect(self._stopping_edited)
            combo = self._combo(self.stopping, "monitor")
            for i in range(combo.count()):
                combo.setItemText(i, monitor_title(combo.itemData(i), titles))
        figures = dict.fromkeys((*monitors, *filter(None, [train.plateau.monitor])))
        self.further.show_figures({name: monitor_title(name, titles) for name in figures})
        stopping = train.early_stopping
        if self.stopping is not None:
            names_shown = ("enabled", "monitor", "patience", "min_delta")
            self.stopping.set_values({n: getattr(stopping, n) for n in names_shown})
            for name in names_shown[1:]:
                self.stopping.rows[name].setEnabled(stopping.enabled)
            self._show_watched(self.stopping, stopping, graph, names, titles, held_out=held_out)
        if self.further.plateau_watch is not None:
            falls = EarlyStopping(train.plateau.enabled and bool(train.plateau.monitor), train.plateau.monitor)
            self._show_watched(self.further.plateau_watch, falls, graph, names, titles, held_out=held_out)
        self.early.set_note(f"after {plural(stopping.patience, 'epoch')}" if stopping.enabled else "off")

    def _show_watched(
        self,
        form: FieldForm,
        rule: EarlyStopping,
        graph: GraphFacts | None,
        names: tuple[str, ...],
        titles: Mapping[str, str],
        *,
        held_out: bool,
    ) -> None:
        """Below the figure of a rule: which is watched in its place, where the run will not measure it."""
        taken, unlike = watched(rule, names, held_out)
        other = f"Not measured in this run: {monitor_title(taken, titles)} is watched instead."
        self._explain(form.rows["monitor"], other if unlike and graph else "")

    def _show_problems(self, graph: GraphFacts | None) -> None:
        wrong: dict[str, Problem] = {}
        for problem in graph.problems if graph else ():
            wrong.setdefault(problem.setting, problem)
        folded = ((self.more, self.others), (self.own, self.optimizer), (self.early, self.stopping))
        for name, row in self.rows.items():
            trouble = row.findChild(Trouble)
            if trouble is None and name in wrong:
                trouble = Trouble(name, row)
                trouble.accepted.connect(lambda repair: self._tell(edits_graph.accept(repair), repair.title, ""))
                row.layout().addWidget(trouble)
            if trouble is not None:
                trouble.show_problem(wrong.get(name))
            for section, form in folded:
                if name in wrong and form is not None and name in form.rows:
                    section.set_folded(False)

    @staticmethod
    def _explain(row: FieldRow, text: str) -> None:
        """A muted line below a row."""
        note = row.findChild(QLabel, "meaning")
        if note is None:
            note = plain_label(role="caption", name="meaning")
            row.layout().addWidget(note)
        note.setText(text)
        note.setVisible(bool(text))

    def _forms(self) -> list[FieldForm]:
        return [f for f in (self.basics, self.rate, self.others, self.optimizer, self.stopping) if f is not None]

    @property
    def rows(self) -> dict[str, FieldRow]:
        """The row in which each setting is edited."""
        return {name: row for form in reversed(self._forms()) for name, row in form.rows.items()}

    def flush(self) -> None:
        """Take what is typed and not yet taken: the person pressed Train right after typing."""
        for form in self._forms():
            form.flush()
        self.further.flush()

    # ---- edits -----------------------------------------------------------------------------------------------------

    def _basic_edited(self, name: str, value: Any) -> None:
        if name == "optimizer" and value != self._train.optimizer:
            kept, gone = carried(value, self._train)
            self._left = value, kept, gone
            self._tell(use_optimizer(value), f"Use {value}", "")
            return
        if name == "loss" and value != self._train.loss:  # another loss has other settings
            self._tell(edits.set_train(loss=value, loss_params={}), "Change loss", "")
            return
        self._tell(edits.set_train(**{name: value}), f"Change {name.replace('_', ' ')}", f"train.{name}")

    def _optimizer_edited(self, _name: str, _value: Any) -> None:
        params: dict[str, Any] = {}
        for form in (self.rate, self.optimizer):
            if form is not None:
                params.update(form.values())
        self._tell(edits.set_train(optimizer_params=params), f"Change {_name.replace('_', ' ')}", f"train.o.{_name}")

    def _stopping_edited(self, name: str, value: Any) -> None:
        changed = replace(self._train.early_stopping, **{name: value})
        title = "early stopping" if name == "enabled" else name.replace("_", " ")
        self._tell(edits.set_train(early_stopping=changed), f"Change {title}", f"train.stopping.{name}")

    def _tell(self, edit: Edit, label: str, merge_key: str) -> None:
        self.edited.emit(edit, label, merge_key)

    # ---- small things ----------------------------------------------------------------------------------------------

    @staticmethod
    def _place(layout: Any) -> QVBoxLayout:
        made = QVBoxLayout()
        made.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(made)
        return made

    @staticmethod
    def _swap(place: QVBoxLayout, old: FieldForm | None, new: FieldForm) -> FieldForm:
        if old is not None:
            place.removeWidget(old)
            old.hide()
            old.deleteLater()
        place.addWidget(new)
        return new

    @staticmethod
    def _combo(form: FieldForm, name: str) -> Any:
        return form.rows[name].editor.combo  # type: ignore[attr-defined]  # a choice field has a ChoiceEditor

    @staticmethod
    def _title(combo: Any, index: int, entries: Mapping[str, Entry]) -> None:
        entry = entries.get(combo.itemData(index))
        if entry is not None:
            combo.setItemText(index, entry.title)
