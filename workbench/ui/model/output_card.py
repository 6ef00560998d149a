"""The form of one Output of several: its target, its loss and what that counts, its metrics. UI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.editors import tooltip
from workbench.ui.forms import FieldForm
from workbench.ui.model.output_looks import OutputView, loss_words
from workbench.ui.train.metrics_editor import MetricsEditor
from workbench.ui.widgets.section import Section

# Follow from the model, or are said above: not a person's to choose.
HIDDEN = ("from_logits", "axis", "name", "dtype", "reduction")
SMOOTHED = "categorical_crossentropy"
"""The loss of classes kept as numbers, on one-hot classes: it has label smoothing."""

WEIGHT = Field(
    "loss_weight", "float", "Counts", 1.0, minimum=0.0,
    help="What the loss of this target is multiplied by in the sum that training makes small. A number far larger than "
    "the others would drown them; 0 leaves this target out of the training.",
)  # fmt: skip


class OutputCard(QWidget):
    """bound(id, target): this Output is to predict that one. edited(id, {param: value or None}, title): None is the
    default."""

    bound = Signal(str, str)
    edited = Signal(str, object, str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outputCard")
        self._catalog = catalog
        self._view: OutputView | None = None
        self._made_of: tuple[Any, ...] = ()
        self._loss_of = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        self._place = QVBoxLayout()
        column.addLayout(self._place)
        self.loss = Section("Loss settings", folded=True)
        self.metrics = Section("Metrics")
        column.addWidget(self.loss)
        column.addWidget(self.metrics)
        self.form: FieldForm | None = None
        self.loss_form: FieldForm | None = None
        self.metrics_editor = MetricsEditor(catalog)
        self.metrics_editor.chosen.connect(self._metrics_chosen)
        self.metrics_editor.params_edited.connect(
            lambda params: self._tell({"metric_params": dict(params) or None}, "metrics")
        )
        self.metrics.add(self.metrics_editor)
        self.hide()

    def show_output(self, view: OutputView | None) -> None:
        """None hides it."""
        self._view = view
        self.setVisible(view is not None)
        if view is None:
            return
        self._show_form(view)
        self._show_loss(view)
        known = view.target is not None
        self.metrics.setVisible(known)
        if known:
            self.metrics_editor.show_metrics(view.train, view.metrics, view.fitting, view.classes)
            self.metrics.set_note("" if view.train.metrics == ("auto",) else f"{len(view.train.metrics)} chosen")

    def flush(self) -> None:
        """Take what is typed and not yet taken."""
        for form in (self.form, self.loss_form, self.metrics_editor.form):
            if form is not None:
                form.flush()

    def focus_first(self) -> bool:
        return self.form is not None and self.form.focus_first()

    # ---- the parts

    def _show_form(self, view: OutputView) -> None:
        losses = ("auto", *view.losses)
        if view.train.loss not in losses:
            losses += (view.train.loss,)
        names = view.names if view.target is not None else (*view.names, "")
        made_of = (names, losses, view.by_itself, tuple(view.others))
        if made_of != self._made_of or self.form is None:
            self._made_of = made_of
            if self.form is not None:
                self._place.removeWidget(self.form)
                self.form.hide()
                self.form.deleteLater()
            self.form = FieldForm(self._fields(view, names, losses), self, self._catalog, prefix="output-")
            self.form.edited.connect(self._edited)
            self._place.addWidget(self.form)
            self.means = QLabel(self.form.rows["loss"])
            self.means.setObjectName("lossMeans")
            self.means.setWordWrap(True)
            self.means.setProperty("role", "caption")
            self.form.rows["loss"].layout().addWidget(self.means)  # type: ignore[union-attr]  # a row has one
            targets = self.form.rows["target"].editor.combo  # type: ignore[attr-defined]  # a ChoiceEditor
            for i, name in enumerate(names):
                other = view.others.get(name)
                targets.setItemText(i, f"{name} (of {other})" if other else name or "none left")
            combo = self.form.rows["loss"].editor.combo  # type: ignore[attr-defined]
            for i, name in enumerate(losses):
                entry = self._catalog.losses.get(name)
                if entry is not None:
                    combo.setItemText(i, entry.title)
                    combo.setItemData(i, tooltip(entry.help), 3)  # Qt.ItemDataRole.ToolTipRole
        automatic = view.train.loss == "auto" and bool(view.loss)
        self.means.setText(f"auto means {loss_words(self._catalog, view.loss)} here" if automatic else "")
        self.means.setVisible(automatic)
        params = view.node.params
        self.form.set_values(
            {
                "target": view.target.name if view.target is not None else "",
                "loss": view.train.loss,
                "loss_weight": params.get("loss_weight", 1.0),
            }
        )

    def _fields(self, view: OutputView, names: tuple[str, ...], losses: tuple[str, ...]) -> tuple[Field, ...]:
        entry = self._catalog.layer("Output")
        assert entry is not None
        known = {f.name: f for f in entry.fields}
        target = replace(known["target"], choices=names, default=view.by_itself or "")
        return target, replace(known["loss"], choices=losses, default="auto"), WEIGHT

    def _show_loss(self, view: OutputView) -> None:
        name = view.loss
        if name.startswith("sparse_categorical"):
            name = SMOOTHED
        entry = self._catalog.losses.get(name)
        fields = [f for f in entry.fields if f.name not in HIDDEN] if entry else []
        if self._loss_of != name:
            self._loss_of = name
            if self.loss_form is not None:
                self.loss_form.hide()
                self.loss_form.deleteLater()
            self.loss_form = FieldForm(fields, None, self._catalog, prefix="output-loss-")
            self.loss_form.edited.connect(lambda _n, _v: self._loss_edited(name))
            self.loss.body_layout.addWidget(self.loss_form)
            self.loss.set_title(f"{entry.title} settings" if entry else "Loss settings")
        self.loss.setVisible(bool(fields))
        params = view.train.loss_params
        if self.loss_form is not None:
            self.loss_form.set_values({k: v for k, v in params.items() if k in self.loss_form.rows})
        self.loss.set_note(f"{len(params)} changed" if params else "")

    # ---- what the person does

    def _tell(self, changes: dict[str, Any], title: str) -> None:
        if self._view is not None:
            self.edited.emit(self._view.node.id, changes, title)

    def _edited(self, name: str, value: Any) -> None:
        view = self._view
        if view is None:
            return
        if name == "target":
            if value and value != (view.target.name if view.target else ""):
                self.bound.emit(view.node.id, str(value))
        elif name == "loss":
            # Another loss has other settings.
            self._tell({"loss": None if value == "auto" else value, "loss_params": None}, "loss")
        else:
            self._tell({name: None if value == WEIGHT.default else value}, "what the loss counts")

    def _loss_edited(self, name: str) -> None:
        assert self.loss_form is not None
        assert self._view is not None
        params, now = self.loss_form.values(), self._view.train.loss
        changes: dict[str, Any] = {"loss_params": dict(params) or None}
        if params and now == "auto":
            changes["loss"] = name
        elif not params and now == SMOOTHED:
            changes["loss"] = None
        self._tell(changes, "loss")

    def _metrics_chosen(self, names: tuple[str, ...]) -> None:
        self._tell({"metrics": None if names == ("auto",) else list(names)}, "metrics")
