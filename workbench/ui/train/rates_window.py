"""The window that finds a learning rate: loss against rate, drawn, with the rate it suggests. UI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.core.rate_range import Reading, read
from workbench.core.settings import cache_folder
from workbench.link.messages import Failed, Message, RatesTried, TryRates
from workbench.ui import theme
from workbench.ui.train.findings import with_optimizer
from workbench.ui.train.plot_parts import RoundAxis, adopt_menu
from workbench.ui.widgets.notice import InlineNotice

if TYPE_CHECKING:
    from workbench.ui.session import Session

ABOUT = (
    "A model that begins with the weights of the next run is trained for about a hundred steps, each with a larger "
    "learning rate than the last. Too low, and nothing happens; too high, and the loss shoots up. A good rate lies "
    "where it falls fastest. Nothing is kept."
)


class RateAxis(RoundAxis):
    """Learning rates below each other by powers of ten: 1e-5, 0.001, 0.1."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [float(k) for k in range(int(np.ceil(minVal)), int(np.floor(maxVal)) + 1)])]

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        return [f"{10**v:g}" for v in values]


class RatesWindow(QDialog):
    """Asks at once when it opens. `reading` holds what was found."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ratesWindow")
        self.setWindowTitle("Try learning rates")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 460)
        self._session = session
        self._asked = 0
        self._answer: RatesTried | None = None
        self.reading: Reading | None = None
        about = QLabel(ABOUT)
        about.setWordWrap(True)
        theme.set_role(about, "muted")
        self.problem = InlineNotice()
        self.text = QLabel()
        self.text.setObjectName("ratesText")
        self.text.setWordWrap(True)
        self._left, self._bottom = RoundAxis("left"), RateAxis("bottom")
        self.plot = pg.PlotWidget(axisItems={"left": self._left, "bottom": self._bottom})
        self.plot.setAccessibleName("Loss against learning rate")
        item = self.plot.getPlotItem()
        adopt_menu(item, self.plot)
        item.showGrid(x=False, y=True, alpha=1.0)
        item.getViewBox().setMouseEnabled(x=False, y=False)
        self._left.setWidth(60)
        self._bottom.setHeight(38)
        self._raw, self._line = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self.waits = QLabel()  # where the curve will be
        self.waits.setObjectName("ratesWaits")
        self.waits.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self.waits, "muted")
        over = QVBoxLayout(self.plot)
        over.addWidget(self.waits)
        for drawn in (self._raw, self._line, self._mark):
            item.addItem(drawn)
        self.use = QPushButton()
        self.use.setObjectName("ratesUse")
        self.use.setProperty("role", "primary")
        self.use.clicked.connect(self._use)
        self.again = QPushButton("Try again")
        self.again.setObjectName("ratesAgain")
        self.again.clicked.connect(self.begin)
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        for button in (self.again, close, self.use):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(2 * theme.SPACE,) * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(about)
        column.addWidget(self.problem)
        column.addWidget(self.plot, 1)
        column.addLayout(row)
        theme.notifier.changed.connect(self._restyle)
        self._restyle()
        self.begin()

    def begin(self) -> None:
        """Prepare the data, as training does, and ask the engine."""
        self.use.hide()
        self.again.setEnabled(False)
        self.problem.clear()
        self.text.clear()
        self._say("Bringing the training rows into memory…")
        session = self._session
        project = replace(session.project, features=session.features)
        dataset, cleaned = session.dataset, session.cleaned
        start = session.choice.start(session.folder.runs)

        def work(progress: Any, cancelled: Any) -> Any:
            from workbench.core.data.prepared import prepare

            return prepare(project, dataset, cleaned, cache_folder(), progress, cancelled)

        def done(prepared: Any) -> None:
            self._say("Compiling, then about a hundred steps.\nThe curve is drawn when they are done.")
            asked = TryRates(
                project.graph,
                prepared.facts,
                project.train,
                str(prepared.folder),
                project.features.augment,
                str(session.folder.path),
                str(start.folder) if start is not None else "",
                start.which if start is not None else "best",
            )
            self._asked = session.client.ask(asked, self._answered)

        session.jobs.run(self, "rates", work, done, self._failed)

    def _say(self, words: str) -> None:
        """What is being done, in the place of the curve; "": the curve."""
        self.waits.setText(words)
        self.waits.setVisible(bool(words))
        self.plot.getPlotItem().setVisible(not words)

    def _failed(self, error: WorkbenchError) -> None:
        self._say("")
        self.plot.getPlotItem().setVisible(False)
        self.text.clear()
        self.again.setEnabled(True)
        self.problem.show_error(error)

    def _answered(self, answer: Message) -> None:
        if not shiboken6.isValid(self):  # closed meanwhile
            return
        self._asked = 0
        if isinstance(answer, Failed):
            if not answer.cancelled:
                self._failed(WorkbenchError(answer.what, where=answer.where, remedy=answer.remedy))
            return
        assert isinstance(answer, RatesTried)
        self.show_answer(answer)

    def show_answer(self, answer: RatesTried) -> None:
        """Draw what the engine found."""
        self._say("")
        self._answer = answer
        self.reading = found = read(answer.rates, answer.losses)
        self.again.setEnabled(True)
        rate = found.suggested
        self.use.setVisible(rate > 0)
        self.use.setText(f"Use {rate:g}")
        several = self._session.project.train.device == "all"
        one = f" Tried on one device of several: {answer.device}." if several else ""
        if rate > 0:
            self.text.setText(f"The loss falls fastest near {rate:g}; above {found.highest:.1g} it rises.{one}")
        else:
            self.text.setText(f"The loss did not fall clearly at any rate: look at the data and the model first.{one}")
        self._draw()

    def _draw(self) -> None:
        answer, found = self._answer, self.reading
        if answer is None or found is None or not len(answer.rates):
            return
        x, smooth = np.log10(answer.rates), found.smooth
        self._raw.setData(x, answer.losses)
        self._line.setData(x, smooth)
        top = float(smooth[0] + 0.6 * max(smooth[0] - smooth.min(), 0.1 * abs(smooth[0])))
        low = float(smooth.min())
        margin = 0.08 * (top - low)
        box = self.plot.getPlotItem().getViewBox()
        box.setRange(xRange=(float(x[0]), float(x[-1])), yRange=(low - margin, top), padding=0.0)
        self._mark.setVisible(found.suggested > 0)
        if found.suggested > 0:
            self._mark.setPos(np.log10(found.suggested))

    def _restyle(self) -> None:
        self.plot.setBackground(theme.color("surface"))
        self._left.restyle()
        self._bottom.restyle()
        style = {"color": theme.hex_of("muted")}
        item = self.plot.getPlotItem()
        item.setLabel("left", "loss", **style)
        item.setLabel("bottom", "learning rate", **style)
        faint = theme.color("accent")
        faint.setAlphaF(0.3)
        self._raw.setPen(pg.mkPen(faint))
        self._line.setPen(pg.mkPen(theme.color("accent"), width=2))
        self._mark.setPen(pg.mkPen(theme.color("good"), style=Qt.PenStyle.DashLine))
        self._draw()

    def _use(self) -> None:
        if self.reading is not None and self.reading.suggested > 0:
            rate = self.reading.suggested
            self._session.apply(with_optimizer(learning_rate=rate), f"Learning rate {rate:g}")
        self.accept()

    def done(self, result: int) -> None:
        """Closed: what is still computed is given up."""
        if self._asked:
            self._session.client.cancel(self._asked)
        self._session.jobs.cancel(self)
        super().done(result)
