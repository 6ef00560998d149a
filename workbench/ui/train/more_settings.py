"""The training settings beyond the usual: of the loss, metrics, a falling rate, class weights, precision, speed.

Each a folded section that says at its right what is chosen. Shows the project and tells edits. UI thread only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from workbench.core import edits, edits_graph
from workbench.core.catalog import Catalog
from workbench.core.class_weights import SETTING
from workbench.core.document import Edit
from workbench.core.facts import GraphFacts, Problem
from workbench.core.fields import Field
from workbench.core.objectives import resolve_training
from workbench.core.project import Plateau, TrainSpec
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.forms import FieldForm
from workbench.ui.model.output_looks import fitting_metrics
from workbench.ui.train.cluster_panel import ClusterPanel
from workbench.ui.train.device_words import Advice
from workbench.ui.train.metrics_editor import MetricsEditor
from workbench.ui.train.trouble import Trouble
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.section import Section
from workbench.ui.words import size_text

MOST_CLASSES = 24  # more weights than this are not set one by one
HIDDEN = ("from_logits", "axis", "name", "dtype", "reduction")  # follow from the model: not a person's to choose
SMOOTHED = "categorical_crossentropy"
WEIGHT_HELP = (
    "How much a training row of this class counts, in place of what the balance on the Features page gives it. The "
    "other classes keep theirs."
)
OTHERS = "The other classes keep the weights that the balance on the Features page gives them."

WATCHED = "The figure that must get better. Unless another is chosen, the one that decides which epoch is the best."

PLATEAU = (
    Field("enabled", "bool", "Lower the rate", False,
          help="Lower the learning rate when the watched figure no longer gets better: fine steps after coarse ones."),
    Field("factor", "float", "Times", 0.5, minimum=0.0, maximum=1.0, help="What the rate is multiplied by."),
    Field("patience", "int", "After", 5, minimum=1, unit="epochs", help="Epochs without a better figure before."),
    Field("lowest", "float", "Down to", 0.0, minimum=0.0, help="It does not fall below this."),
    Field("min_delta", "float", "Least change", 1e-4, minimum=0.0, help="Less than this counts as no better."),
    Field("cooldown", "int", "Rest", 0, minimum=0, unit="epochs", help="After a fall, epochs that do not count."),
)  # fmt: skip
SPEED = (
    Field("precision", "choice", "Numbers", "float32", choices=("float32", "mixed_bfloat16", "mixed_float16"),
          help="Half-sized numbers inside the layers are faster on graphics cards since 2018 and take less memory; the "
          "weights stay float32. On most processors they are slower."),
    Field("compiler", "choice", "XLA", "auto", choices=("auto", "on", "off"),
          help="A compiler that makes dense nets several times faster and small convolutional nets slower. Auto "
          "measures it at the start of a run."),
    Field("threads", "int", "Processor threads", 0, minimum=0, maximum=4096,
          help="How many threads of the processor it computes with; 0 is all. Small nets are as fast with one, or "
          "faster, and leave the rest to other programs. The engine starts again with that many before the run."),
    Field("keep_every", "int", "Keep every", 0, minimum=0, unit="epochs",
          help="Keep a checkpoint of every so many epochs, to test, export, begin with or train on from; 0 keeps only "
          "the best and the last."),
    Field("probes", "choice", "Looks inside", "auto", choices=("auto", "off"),
          help="Gradients, dead units and classes never answered, for the doctor; taken while they cost at most 1.5 % "
          "of the time, and when nothing is learned."),
    Field("tensorboard", "bool", "TensorBoard", False, help="Write logs that TensorBoard reads into the run's folder."),
)  # fmt: skip
TITLES = {
    "float32": "float32",
    "mixed_bfloat16": "half, bfloat16",
    "mixed_float16": "half, float16",
    "auto": "where faster",
    "on": "always",
    "off": "never",
}


class MoreSettings(QWidget):
    """`edited(edit, label, merge_key)` asks for one undoable change of the project."""

    edited = Signal(object, str, str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("moreSettings")
        self._catalog = catalog
        self._train = TrainSpec()
        self._classes: tuple[str, ...] = ()
        self._fitting = ""  # the loss that "auto" is
        self._shape: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        self.loss = Section("Loss settings", folded=True)
        self.metrics = Section("Metrics", folded=True)
        self.plateau = Section("Falling rate", folded=True)
        self.weights = Section("Class weights", folded=True)
        self.speed = Section("Precision and speed", folded=True)
        for section in (self.loss, self.metrics, self.plateau, self.weights, self.speed):
            column.addWidget(section)
        self.cluster = ClusterPanel()
        column.addWidget(self.cluster)
        self.loss_form: FieldForm | None = None
        self.weight_form: FieldForm | None = None
        self.weight_trouble, self.metric_trouble = Trouble(SETTING), Trouble("metrics")
        for section, trouble in ((self.weights, self.weight_trouble), (self.metrics, self.metric_trouble)):
            trouble.accepted.connect(lambda repair: self._tell(edits_graph.accept(repair), repair.title, ""))
            section.add(trouble)
        self.weight_note = plain_label(role="caption", name="weightNote")
        self.weights.add(self.weight_note)
        self.metrics_editor = MetricsEditor(catalog)
        self.metrics_editor.chosen.connect(
            lambda names: self._tell(edits.set_train(metrics=names), "Change metrics", "")
        )
        self.metrics_editor.params_edited.connect(
            lambda params: self._tell(edits.set_train(metric_params=params), "Change metrics", "train.metric_params")
        )
        self.metrics.add(self.metrics_editor)
        self.plateau_form = FieldForm(PLATEAU, prefix="plateau-")
        self.plateau_form.edited.connect(self._plateau_edited)
        self.plateau.add(self.plateau_form)
        self.plateau_watch: FieldForm | None = None
        self.speed_form = FieldForm(SPEED, prefix="speed-")
        self.speed_form.edited.connect(
            lambda name, value: self._tell(edits.set_train(**{name: value}), f"Change {_title(name)}", f"train.{name}")
        )
        for name in ("precision", "compiler", "probes"):
            combo = self.speed_form.rows[name].editor.combo  # type: ignore[attr-defined]  # a ChoiceEditor
            for i in range(combo.count()):
                title = TITLES.get(combo.itemData(i), combo.itemText(i))
                combo.setItemText(i, "while it costs nothing" if (name, title) == ("probes", TITLES["auto"]) else title)
        self.speed.add(self.speed_form)
        self.half_note = plain_label(role="caption", name="speedNote")
        self.speed.add(self.half_note)
        self.half = QPushButton()
        self.half.setObjectName("speedAdvice")
        self.half.clicked.connect(lambda _=False: self._take_advice())
        self.speed.add(self.half)
        self._advice: Advice | None = None
        self.show_advice(None)
        self.kept_note = plain_label(role="muted", name="keptNote")
        self.speed.add(self.kept_note)

    def show_train(
        self,
        train: TrainSpec,
        task: str,
        graph: GraphFacts | None,
        classes: Sequence[str],
        *,
        by_class: Sequence[float] = (),
        several: bool = False,
    ) -> None:
        """Show settings for a task; graph: what the engine resolved. by_class: what each class counts as the features
        say; empty where all count alike. several: there are several outputs, at which loss and metrics are chosen."""
        self._train, self._classes = train, tuple(classes)
        self._show_loss(train, graph)
        units = 1 if task == "regression" or (len(classes) == 2 and _one_unit(graph)) else max(2, len(classes))
        self._fitting, _, _ = resolve_training(task, units, None, classes, TrainSpec())
        fitting = fitting_metrics(self._catalog, task, units, len(classes), train)
        named = classes if units > 1 and task == "classification" else ()
        self.metrics_editor.show_metrics(train, graph.metrics if graph else (), fitting, named)
        self.metrics.set_note("" if train.metrics == ("auto",) else f"{len(train.metrics)} chosen")
        rule = train.plateau
        self.plateau_form.set_values({f.name: getattr(rule, f.name) for f in PLATEAU})
        for field in PLATEAU[1:]:
            self.plateau_form.rows[field.name].setEnabled(rule.enabled)
        if self.plateau_watch is not None:
            self.plateau_watch.set_values({"monitor": rule.monitor})
            self.plateau_watch.rows["monitor"].setEnabled(rule.enabled)
        self.plateau.set_note(f"× {rule.factor:g} after {rule.patience}" if rule.enabled else "off")
        wrong = {p.setting: p for p in reversed(graph.problems)} if graph else {}
        self._show_weights(train, "classification" if several and classes else task, by_class, wrong.get(SETTING))
        self.metric_trouble.show_problem(wrong.get("metrics"))
        if "metrics" in wrong:
            self.metrics.set_folded(False)
        if several and not train.class_weights:
            self.weights.set_note("of the first with classes")
        self.metrics.setVisible(not several)
        self.loss.setVisible(self.loss.isVisibleTo(self) and not several)
        self.speed_form.set_values({f.name: getattr(train, f.name) for f in SPEED})
        self.kept_note.setText(kept_in_words(train, graph.parameters if graph else 0))
        self.kept_note.setVisible(bool(self.kept_note.text()))
        changed = sum(getattr(train, f.name) != f.default for f in SPEED)
        self.speed.set_note(f"{changed} changed" if changed else "")

    def show_advice(self, advice: Advice | None) -> None:
        """What would be faster on the device that is chosen, with a button; None: nothing to say."""
        self._advice = advice
        self.half_note.setText(advice.text if advice else "")
        self.half_note.setVisible(advice is not None)
        self.half.setText(advice.button if advice else "")
        self.half.setAccessibleName(self.half.text())
        self.half.setVisible(advice is not None)

    def flush(self) -> None:
        """Take what is typed and not yet taken."""
        for form in (self.loss_form, self.weight_form, self.plateau_form, self.speed_form):
            if form is not None:
                form.flush()

    # ---- the parts -----------------------------------------------------------------------------------------------

    def _show_loss(self, train: TrainSpec, graph: GraphFacts | None) -> None:
        name = graph.loss if graph and graph.loss else train.loss
        if name.startswith("sparse_categorical"):
            name = SMOOTHED  # the same loss on one-hot classes, which has label smoothing
        entry = self._catalog.losses.get(name)
        fields = [f for f in entry.fields if f.name not in HIDDEN] if entry else []
        if self._shape.get("loss") != name:
            self._shape["loss"] = name
            if self.loss_form is not None:
                self.loss_form.hide()
                self.loss_form.deleteLater()
            self.loss_form = FieldForm(fields, None, self._catalog, prefix="loss-")
            self.loss_form.edited.connect(lambda _n, _v: self._loss_edited(name))
            self.loss.body_layout.addWidget(self.loss_form)
            self.loss.set_title(f"{entry.title} settings" if entry else "Loss settings")
        self.loss.setVisible(bool(fields))
        if self.loss_form is not None:
            known = {k: v for k, v in train.loss_params.items() if k in self.loss_form.rows}
            self.loss_form.set_values(known)
        self.loss.set_note(f"{len(train.loss_params)} changed" if train.loss_params else "")

    def _loss_edited(self, name: str) -> None:
        assert self.loss_form is not None
        params = self.loss_form.values()
        changes: dict[str, Any] = {"loss_params": params}
        if params and self._train.loss == "auto":
            changes["loss"] = name
        elif not params and self._train.loss in (SMOOTHED, self._fitting):
            changes["loss"] = "auto"
        self._tell(edits.set_train(**changes), "Change the loss", "train.loss_params")

    def _show_weights(self, train: TrainSpec, task: str, by_class: Sequence[float], problem: Problem | None) -> None:
        shown = task == "classification" and 1 < len(self._classes) <= MOST_CLASSES
        self.weights.setVisible(shown or problem is not None or bool(train.class_weights))
        self.weight_trouble.show_problem(problem)
        if problem is not None:
            self.weights.set_folded(False)
        given = tuple(by_class) or (1.0,) * len(self._classes)
        if shown and self._shape.get("weights") != (self._classes, given):
            self._shape["weights"] = (self._classes, given)
            if self.weight_form is not None:
                self.weight_form.hide()
                self.weight_form.deleteLater()
            fields = [
                Field(name, "float", name, float(f"{weight:.4g}"), minimum=0.0, help=WEIGHT_HELP)
                for name, weight in zip(self._classes, given, strict=True)
            ]
            self.weight_form = FieldForm(fields, prefix="weight-")
            self.weight_form.edited.connect(lambda _n, _v: self._weights_edited())
            self.weights.body_layout.addWidget(self.weight_form)
        typed = [name for name in self._classes if name in train.class_weights]
        if self.weight_form is not None:
            self.weight_form.setVisible(shown)
            known = {k: v for k, v in train.class_weights.items() if k in self.weight_form.rows}
            self.weight_form.set_values(known)
        others = OTHERS if by_class and len(typed) < len(self._classes) else ""
        listed = f"{plural(len(typed), 'class', 'classes')} of {len(self._classes):,} given a weight: too many to list."
        self.weight_note.setText("" if not typed else others if shown else listed)
        self.weight_note.setVisible(bool(self.weight_note.text()))
        self.weights.set_note(f"{len(typed)} changed" if typed else "as the features say")

    def _weights_edited(self) -> None:
        assert self.weight_form is not None
        # what is typed for a class that is gone stays until it is dropped: it may be renamed back
        gone = {k: v for k, v in self._train.class_weights.items() if k not in self.weight_form.rows}
        weights = {**gone, **self.weight_form.values()}
        self._tell(edits.set_train(class_weights=weights), "Change class weights", "train.class_weights")

    def _take_advice(self) -> None:
        if self._advice is not None:
            edit = edits.set_train(**{self._advice.setting: self._advice.value})
            self._tell(edit, f"Change {_title(self._advice.setting)}", "")

    def show_figures(self, titles: Mapping[str, str]) -> None:
        """titles: of the figures that a falling rate can watch, by Keras' names."""
        if self._shape.get("figures") == tuple(titles.items()):
            return
        self._shape["figures"] = tuple(titles.items())
        if self.plateau_watch is not None:
            self.plateau_watch.hide()
            self.plateau_watch.deleteLater()
        field = Field("monitor", "choice", "Watched", "", choices=("", *titles), help=WATCHED)
        form = self.plateau_watch = FieldForm((field,), prefix="plateau-")
        combo = form.rows["monitor"].editor.combo  # type: ignore[attr-defined]  # a ChoiceEditor
        for i in range(combo.count()):
            combo.setItemText(i, titles.get(combo.itemData(i), "auto"))
        form.edited.connect(self._plateau_edited)
        self.plateau.add(form)

    def _plateau_edited(self, name: str, value: Any) -> None:
        rule: Plateau = replace(self._train.plateau, **{name: value})
        self._tell(edits.set_train(plateau=rule), "Change the falling rate", f"train.plateau.{name}")

    def _tell(self, edit: Edit, label: str, merge_key: str) -> None:
        self.edited.emit(edit, label, merge_key)


def _title(name: str) -> str:
    return next(f.title for f in SPEED if f.name == name).lower()


def kept_in_words(train: TrainSpec, parameters: int) -> str:
    """What the checkpoints that are kept take on the disk: weights and the optimizer's state, 4 bytes each."""
    count = train.epochs // train.keep_every if train.keep_every else 0
    if not count:
        return ""
    moments = {"SGD": 1 if train.optimizer_params.get("momentum") else 0, "RMSprop": 1, "Adagrad": 1}
    each = 4 * parameters * (1 + moments.get(train.optimizer, 2))
    size = f", about {size_text(each)} each, {size_text(each * count)} in all" if parameters else ""
    return f"{count:,} checkpoint{'s' if count > 1 else ''}{size}."


def _one_unit(graph: GraphFacts | None) -> bool:
    return graph is not None and graph.loss.startswith("binary")
