"""What the Data page shows of series, kept in step with the session: plots, figures, findings and their remedies."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.core import edits
from workbench.ui.data.first_look import Remedy, item_of_finding
from workbench.ui.data.series_pane import SeriesPane
from workbench.ui.data.series_side import SeriesSide, summary


def _audit(data: Any, profile: Any, features: Any, project: Any) -> tuple[Any, ...]:
    from workbench.core.data.sequence_audit import audit_series
    from workbench.ui.data.first_look import planned_rows

    return audit_series(data, profile, features, planned_rows(project, data, None, features))


def windows_of(data: Any, number: int, feature: Any) -> list[tuple[int, int]]:
    """(first, last recorded step) of each window of one series; cheap enough for the UI thread."""
    from workbench.core.data.sequence_windows import starts_of

    steps = len(data.series(number))
    starts, count = starts_of(data, number, feature)
    if not count:
        return []
    shrink = (steps - 1) / max(1, count - 1)
    return [(round(s * shrink), min(steps - 1, round((s + feature.length - 1) * shrink))) for s in starts.tolist()]


class SeriesView(QObject):
    """pane and side, for the page to put where they belong."""

    def __init__(self, session: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.pane = SeriesPane()
        self.side = SeriesSide()
        self.side.class_asked.connect(self.pane.filter_class)
        self.side.look.chosen.connect(self._do)
        self.side.look.aside.connect(self._put_aside)
        self.side.look.column_asked.connect(lambda _: session.show_page("features"))
        self._made_of: tuple[Any, ...] = ()
        self._findings: tuple[Any, ...] | None = None
        session.facts_changed.connect(self._follow)

    def show(self) -> None:
        """The data of the session, which is a SeriesData."""
        data, profile = self._session.dataset, self._session.profile
        self.pane.set_data(data)
        self.side.show_profile(data, profile)
        self._follow()

    def _follow(self) -> None:
        session = self._session
        data, profile = session.dataset, session.profile
        if data is None or data.kind != "sequences" or profile is None:
            self._made_of, self._findings = (), None
            return
        features = session.features
        feature = features.sequence
        known = feature.length > 0
        self.pane.set_windows(
            (lambda number: windows_of(data, number, feature)) if known else None,
            feature.without,
        )
        made_of = (data, profile, features)
        if len(self._made_of) != 3 or any(a is not b for a, b in zip(made_of, self._made_of, strict=True)):
            self._made_of = made_of
            if known:
                project = session.document.project
                session.jobs.run(self, "audit", lambda p, c: _audit(data, profile, features, project), self._found)
        self._show_look()

    def _found(self, findings: tuple[Any, ...]) -> None:
        self._findings = findings
        self._show_look()

    def _show_look(self) -> None:
        profile = self._session.profile
        if profile is None:
            return
        aside = self._session.document.project.aside
        items = [item_of_finding(f) for f in self._findings or ()]
        shown = [one for one in items if one.key not in aside]
        self.side.look.show_items(summary(profile), shown, len(items) - len(shown), self._findings is None)

    def _do(self, remedy: Remedy) -> None:
        if remedy.edit is not None:
            self._session.apply(remedy.edit, remedy.said or remedy.label)

    def _put_aside(self, key: str) -> None:
        self._session.apply(edits.put_aside((key,) if key else ()), "Leave it so" if key else "Show what was left so")
        self._show_look()

    def numbers(self) -> np.ndarray[Any, Any]:
        """Numbers of the series in the list, in its order."""
        return self.pane.list.order
