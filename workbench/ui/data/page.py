"""The Data page: the source and its recipe, the table or the gallery, the column or picture looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core import edits
from workbench.core.errors import WorkbenchError
from workbench.core.project import CsvOptions
from workbench.ui.data import quick
from workbench.ui.data.alike_panel import AlikePanel
from workbench.ui.data.alike_review import AlikeReview
from workbench.ui.data.aside_panel import AsidePanel
from workbench.ui.data.column_panel import ColumnPanel
from workbench.ui.data.column_side import ColumnSide
from workbench.ui.data.first_look import shown_suggestions
from workbench.ui.data.hand import Hand
from workbench.ui.data.opening import OpeningPage
from workbench.ui.data.origin import Origin
from workbench.ui.data.pictures_side import Pictures
from workbench.ui.data.reading_panel import ReadingPanel
from workbench.ui.data.recipe_panel import RecipePanel
from workbench.ui.data.series_reading import SeriesReading
from workbench.ui.data.series_view import SeriesView
from workbench.ui.data.source_card import SourceCard
from workbench.ui.data.states import DropZone, LoadingState, ReadingStrip
from workbench.ui.data.step_look import StepLook
from workbench.ui.data.step_view import StepBar
from workbench.ui.data.table_pane import TablePane
from workbench.ui.pipeline import ReadingCancelled
from workbench.ui.widgets.empty import EmptyState

LEFT, RIGHT = 320, 300
TITLE = "Open your data"
HOW = "Drop a CSV file, a folder of pictures or of series anywhere here, or paste cells from a spreadsheet."
INTO_MODEL = "It goes into the model that is on the canvas."


class DataPage(OpeningPage):
    """Reads the session, writes through session.apply. UI thread."""

    def __init__(self, session: Any, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setObjectName("dataPage")
        self.setProperty("role", "page")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.being_dragged.connect(lambda hot: self._nothing.set_hot(hot))
        self._whole = QStackedWidget()
        outer.addWidget(self._whole)
        self._ways = (
            ("Open a table…", self.open_table),
            ("Open a folder…", self.open_folder),
            ("Paste cells", self.paste),
            ("Samples", lambda: session.show_page("start")),
        )
        self._nothing = DropZone("table", TITLE, HOW, self._ways)
        self._modelled = False
        self._whole.addWidget(self._nothing)
        self.pictures = Pictures(session, self)
        self._work = QSplitter(Qt.Orientation.Horizontal)
        self._work.setChildrenCollapsible(False)
        self._work.addWidget(self._build_left())
        self._work.addWidget(self._build_middle())
        self._work.addWidget(self._build_right())
        for i, stretch in enumerate((0, 1, 0)):
            self._work.setStretchFactor(i, stretch)
        self._work.setSizes([LEFT, 680, RIGHT])
        self._whole.addWidget(self._work)
        session.changed.connect(lambda _: self._refresh())
        session.dataset_changed.connect(self._refresh)
        session.cleaned_changed.connect(self._on_cleaned)
        session.facts_changed.connect(self._on_facts)
        self._refresh()

    # ---- building

    def _build_left(self) -> QWidget:
        area = QScrollArea()
        area.setObjectName("dataLeft")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(300)
        inner = QWidget()
        area.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(16)
        self.source = SourceCard()
        self.source.options_asked.connect(self.show_reading_options)
        self.source.other_asked.connect(self.ask_other)
        self.source.aside_asked.connect(self.show_aside)
        self.origin = Origin(self._session, self.source, self)
        self.origin.changed.connect(self._refresh)
        column.addWidget(self.source)
        self.recipe = RecipePanel()
        column.addWidget(self.recipe)
        column.addWidget(self.pictures.recipe)
        column.addStretch(1)
        return area

    def _build_middle(self) -> QWidget:
        middle = QWidget()
        middle.setMinimumWidth(320)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.reading = ReadingPanel(self._session.jobs)
        self.reading.accepted.connect(self._read_again)
        self.reading.cancelled.connect(self.reading.hide)
        self.reading.hide()
        column.addWidget(self.reading)
        self.series_reading = SeriesReading(self._session)
        column.addWidget(self.series_reading)
        self.step_bar = StepBar()
        self.step_bar.hide()
        column.addWidget(self.step_bar)
        self.strip = ReadingStrip(self._session.cancel_loading)
        column.addWidget(self.strip)
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        self.loading = LoadingState(self._session.cancel_loading)
        self.error = EmptyState("warning-octagon", "")
        self.error.setObjectName("dataError")
        self.pane = TablePane(self._session.jobs)
        self.table = self.pane.table
        self.step = StepLook(self._session, self.recipe, self.step_bar, self.table, self)
        self.step.changed.connect(lambda: self._session.dataset is not None and self._show_table())
        self.pane.keep_asked.connect(self._keep_rows)
        self.gallery = self.pictures.pane
        self.series = SeriesView(self._session, self)
        self._hollow = EmptyState("table", "")
        self.alike = AlikePanel(self._session.jobs)
        self.aside = AsidePanel(self._session.jobs)
        self.aside.closed.connect(self._refresh)
        for widget in (self.loading, self.error, self.pane, self.gallery, self._hollow, self.alike, self.aside):
            self._stack.addWidget(widget)
        self._stack.addWidget(self.series.pane)
        return middle

    def _build_right(self) -> QWidget:
        self._side = QStackedWidget()
        self._side.setMinimumWidth(240)
        self.hand = Hand(self._session, self.recipe, self.table, self)
        self.column = ColumnPanel()
        self.column.view.action.connect(self.hand.quick)
        self.column.view.chosen.connect(self.hand.do)
        self.column.view.aside.connect(self.hand.put_aside)
        self.column.view.filter_asked.connect(self.pane.add_filter)
        self.column.first.chosen.connect(self.hand.do)
        self.column.first.aside.connect(self.hand.put_aside)
        self.column.first.column_asked.connect(self.table.select_column)
        self.recipe.column_asked.connect(self.table.select_column)
        self.columns = ColumnSide(self._session, self.table, self.column, self)
        self.hand.renamed.connect(self.columns.rename)
        self.review = AlikeReview(self._session, self.alike, self.hand.insert, self)
        self.review.opened.connect(self._show_alike)
        self.review.closed.connect(self._show_table)
        self.hand.alike_asked.connect(self.review.look)
        self.hand.merge_asked.connect(self.review.look_at)
        self.recipe.step_review.connect(self.review.edit)
        self.column.view.detail.filter_asked.connect(self.pane.add_filter)
        self.images = self.pictures.panel
        self._side.addWidget(self.column)
        self._side.addWidget(self.images)
        self._side.addWidget(self.series.side)
        self._blank = QWidget()
        self._side.addWidget(self._blank)
        return self._side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.origin.look()

    # ---- showing

    def _refresh(self) -> None:
        session = self._session
        spec = session.document.project.data
        if spec is None:
            self._whole.setCurrentWidget(self._nothing)
            modelled = bool(session.document.project.graph.nodes)
            if modelled != self._modelled:
                self._modelled = modelled
                self._nothing.set_state("table", TITLE, f"{HOW} {INTO_MODEL}" if modelled else HOW, self._ways)
            self.reading.hide()
            self.series_reading.hide()
            return
        self._whole.setCurrentWidget(self._work)
        dataset = session.dataset
        self.source.show_source(spec, dataset)
        self.origin.follow()
        is_table = dataset is not None and dataset.kind == "table"
        self.recipe.setVisible(is_table or (dataset is None and session.dataset_error is None))
        self.pictures.recipe.setVisible(dataset is not None and dataset.kind == "images")
        if session.loading is not None:
            self.recipe.set_suggestions(())
        self.strip.setVisible(session.loading is not None and session.first_rows is not None)
        if session.loading is not None and session.first_rows is not None:
            frame = session.first_rows.frame
            self.strip.show_progress(len(frame), *session.loading)
            if self.table.frame_model.frame is not frame:
                self.pane.forget()
                self.pane.show_step(frame, {}, None)
            self._stack.setCurrentWidget(self.pane)
        elif session.loading is not None:
            self.pane.forget()
            self.loading.show_progress(*session.loading)
            self._stack.setCurrentWidget(self.loading)
        elif session.dataset_error is not None:
            self._show_error(session.dataset_error)
        elif dataset is None:
            self.pane.forget()
            self.loading.show_progress(0.0, "Opening the data")
            self._stack.setCurrentWidget(self.loading)
        elif is_table:
            self._show_recipe()
            self._show_table()
            self._side.setCurrentWidget(self.column)
            return
        elif dataset.kind == "sequences":
            self.series.show()
            self._stack.setCurrentWidget(self.series.pane)
            self._side.setCurrentWidget(self.series.side)
            self.step_bar.hide()
            return
        else:
            self.pictures.show()
            self._stack.setCurrentWidget(self.gallery)
            self._side.setCurrentWidget(self.images)
            self.step_bar.hide()
            return
        self.step_bar.hide()
        self._side.setCurrentWidget(self._blank)

    def _show_error(self, error: WorkbenchError) -> None:
        spec = self._session.document.project.data
        if isinstance(error, ReadingCancelled):
            choices = [("Read it", self._session.reload_data), ("Choose other data…", self.ask_other)]
            self.error.set_state("table", "Not read yet", error.what, choices)
            self._stack.setCurrentWidget(self.error)
            return
        text = f"{error.where}: {error.what}" if error.where else error.what
        buttons: list[tuple[str, Callable[[], object]]] = []
        fits = getattr(error, "fits", 0)
        if fits:
            buttons.append((f"Read the first {fits:,} rows", lambda: self.origin.read_part(fits)))
        if self.origin.gone:
            buttons.append(("Find it…", self.origin.find))
        if self.origin.kept:
            text += f"\nWhat was read of it is in the cache, of {self.origin.kept}."
            buttons.append(("Go on from the cache", self.origin.go_on_from_cache))
        readable = ("csv", "pasted", "series", "series_table")
        if not self.origin.gone and not fits and spec is not None and spec.source in readable:
            buttons.append(("Reading options", self.show_reading_options))
        buttons.append(("Choose other data…", self.ask_other))
        if len(buttons) < 3 and not fits:
            buttons.append(("Read again", self._session.reload_data))
        self.error.set_state("warning-octagon", "The data cannot be read", f"{text}\n{error.remedy}".strip(), buttons)
        self._stack.setCurrentWidget(self.error)

    def show_aside(self) -> None:
        """What was set aside while reading, in the place of the data."""
        session = self._session
        dataset, spec = session.dataset, session.document.project.data
        if dataset is not None and spec is not None:
            thing = "line" if dataset.kind == "table" else "file"
            self.aside.open_for(dataset.report.bad, thing, spec.path if spec.source not in ("sample", "pasted") else "")
            self._stack.setCurrentWidget(self.aside)

    def _on_cleaned(self) -> None:
        self._refresh()
        self.step.look()

    def _show_recipe(self) -> None:
        session = self._session
        self.recipe.set_kinds(quick.kinds("table"))
        cleaned = session.cleaned
        self.recipe.set_columns(quick.columns_before(session.document.project.recipe, cleaned, session.dataset.frame))
        self.recipe.set_recipe(session.document.project.recipe, quick.outcomes(cleaned))
        self._show_suggestions()
        self.step.show_chosen()

    def _show_suggestions(self) -> None:
        aside = self._session.document.project.aside
        self.recipe.set_suggestions(shown_suggestions(self._session.suggestions, aside, self.columns.targets))

    def _on_facts(self) -> None:
        self.columns.show()
        if self._session.dataset is not None and self._session.dataset.kind == "table":
            self._show_suggestions()

    def _show_table(self) -> None:
        session = self._session
        cleaned = session.cleaned
        frame = cleaned.frame if cleaned is not None else session.dataset.frame
        change = self.step.change if self.step.step else None
        if change is not None:
            self.pane.show_step(*change.view(self.step_bar.mode))
        else:
            self.pane.show_frame(frame)
        self.columns.show()
        self._stack.setCurrentWidget(self.pane)
        if not (len(frame) if change is None else self.table.frame_model.rowCount()):
            why = "The cleaning steps leave out every row." if change is None else "This step changes no row."
            self._hollow.set_state("table", "No rows to show", why)
            self._stack.setCurrentWidget(self._hollow)

    def _show_alike(self) -> None:
        self.step.select("")
        self._stack.setCurrentWidget(self.alike)

    def _keep_rows(self, one: Any) -> None:
        self.hand.keep_rows(one)
        self.pane.remove_filter(one)

    # ---- opening

    def show_reading_options(self) -> None:
        """Show how the file is read, with a preview, above the table."""
        session = self._session
        spec = session.document.project.data
        if spec is None:
            return
        if spec.source in ("series", "series_table"):
            self.series_reading.open_for(spec, session.dataset)
            return
        report = getattr(session.dataset, "report", None)
        self.reading.open_for(session.folder.located(spec), report.options if report is not None else None)

    def _read_again(self, options: CsvOptions) -> None:
        spec = self._session.document.project.data
        self.reading.hide()
        if spec is not None:
            self._session.apply(edits.change_data(quick.with_options(spec, options)), "Change reading options")
