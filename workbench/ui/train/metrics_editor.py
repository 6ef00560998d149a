"""Which metrics are measured: ticked in a list of those that fit, each with its settings. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from workbench.core.catalog import Catalog
from workbench.core.class_metrics import OF_SEVERAL
from workbench.core.fields import Field
from workbench.core.project import TrainSpec
from workbench.ui import theme
from workbench.ui.editors import tooltip
from workbench.ui.forms import FieldForm

HIDDEN = ("name", "dtype", "from_logits", "axis")
ROWS = 7


class MetricsEditor(QWidget):
    """`chosen(names)` when ticks change: ("auto",) when none is left. `params_edited({metric: {setting: value}})`."""

    chosen = Signal(object)
    params_edited = Signal(object)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._train = TrainSpec()
        self._fitting: tuple[str, ...] = ()
        self._classes: tuple[str, ...] = ()
        self._filling = False
        self.list = QListWidget()
        self.list.setObjectName("metricsList")
        self.list.setAccessibleName("Metrics that are measured")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self._changed)
        self.list.currentItemChanged.connect(lambda *_: self._show_params())
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.note, "caption")
        self.usual = QPushButton("Back to the usual")
        self.usual.setObjectName("usualMetrics")
        self.usual.setToolTip("Measure what fits the task by itself.")
        theme.set_role(self.usual, "link")
        self.usual.clicked.connect(lambda: self.chosen.emit(("auto",)))
        self._place = QVBoxLayout()
        self.form: FieldForm | None = None
        self._shown: tuple[str, tuple[str, ...]] = ("", ())  # the metric and the classes that the form is for
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addWidget(self.note)
        column.addWidget(self.usual, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._place)

    def show_metrics(
        self, train: TrainSpec, resolved: Sequence[str], fitting: Sequence[str], classes: Sequence[str] = ()
    ) -> None:
        """resolved: what "auto" means here. fitting: those that can be measured, the usual one first. classes: where
        the output has a unit for each."""
        self._train, self._classes = train, tuple(classes)
        ticked = tuple(resolved) if train.metrics == ("auto",) else train.metrics
        names = tuple(dict.fromkeys((*fitting, *ticked)))
        self._filling = True
        if names != self._fitting:
            self._fitting = names
            self.list.clear()
            for name in names:
                entry = self._catalog.metrics.get(name)
                item = QListWidgetItem(entry.title if entry else name.replace("_", " "))
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setToolTip(tooltip(entry.help if entry else "The share of rows whose answer is right."))
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                self.list.addItem(item)
            row = self.list.sizeHintForRow(0) if names else 20
            self.list.setFixedHeight(row * min(ROWS, max(2, len(names))) + 6)
        for i, name in enumerate(names):
            state = Qt.CheckState.Checked if name in ticked else Qt.CheckState.Unchecked
            self.list.item(i).setCheckState(state)
        self._filling = False
        self.note.setText("The usual one for this task." if train.metrics == ("auto",) else "")
        self.note.setVisible(bool(self.note.text()))
        self.usual.setVisible(train.metrics != ("auto",))
        self._show_params()

    def _changed(self, _item: QListWidgetItem) -> None:
        if self._filling:
            return
        on = Qt.CheckState.Checked
        names = tuple(name for i, name in enumerate(self._fitting) if self.list.item(i).checkState() == on)
        self.chosen.emit(names or ("auto",))

    def _show_params(self) -> None:
        item = self.list.currentItem()
        name = str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
        entry = self._catalog.metrics.get(name)
        hidden = HIDDEN if self._classes else (*HIDDEN, *OF_SEVERAL)
        fields = [self._of_classes(f) for f in entry.fields if f.name not in hidden] if entry else []
        if (name, self._classes) != self._shown:
            self._shown = (name, self._classes)
            if self.form is not None:
                self.form.hide()
                self.form.deleteLater()
                self.form = None
            if fields:
                self.form = FieldForm(fields, None, self._catalog, prefix="metric-")
                self._name_classes(self.form)
                self.form.edited.connect(lambda _n, _v: self._params_edited(name))
                self._place.addWidget(self.form)
        if self.form is not None:
            self.form.set_values(dict(self._train.metric_params.get(name, {})))

    def _of_classes(self, field: Field) -> Field:
        """The number of a class is chosen by the class's name."""
        if field.name == "multi_label":
            return replace(field, title="Mean of classes")
        if field.name != "class_id":
            return field
        return replace(field, kind="choice", title="Class", choices=tuple(range(len(self._classes))))

    def _name_classes(self, form: FieldForm) -> None:
        if "class_id" not in form.rows:
            return
        combo = form.rows["class_id"].editor.combo  # type: ignore[attr-defined]  # a ChoiceEditor
        for i in range(combo.count()):
            number = combo.itemData(i)
            combo.setItemText(i, "all together" if number is None else self._classes[number])

    def _params_edited(self, name: str) -> None:
        assert self.form is not None
        params: dict[str, Any] = dict(self._train.metric_params)
        params.pop(name, None)
        if self.form.values():
            params[name] = dict(self.form.values())
        self.params_edited.emit(params)
