"""Which column is looked at: keeps the header, the panel and its closer look current."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from workbench.ui.data.column_detail import Detail, look_closer
from workbench.ui.data.column_panel import ColumnPanel
from workbench.ui.data.first_look import findings_of, first_look, planned_rows, problems, shown_suggestions
from workbench.ui.data.frame_view import FrameView


class ColumnSide(QObject):
    """Reads the session; the table says which column is meant."""

    def __init__(self, session: Any, table: FrameView, panel: ColumnPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._table, self._panel = session, table, panel
        self._column = ""
        self._looked: tuple[Any, ...] = ()
        self._looked_at: Any = None
        self._findings: tuple[Any, ...] = ()
        self._audited: tuple[Any, ...] = ()
        self._asked: tuple[Any, ...] = ()
        table.column_selected.connect(self.look_at)
        panel.view.closed.connect(self.leave)

    @property
    def column(self) -> str:
        """The column looked at, "" for none."""
        return self._column

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns to predict."""
        return tuple(c.name for c in self._session.features.columns if c.role == "target")

    def show(self) -> None:
        """Show what is known of the columns now."""
        session = self._session
        if session.dataset is None or session.dataset.kind != "table":
            return
        profile = session.profile
        if profile is None:
            self._table.show_profile(0, {})
            return
        columns = {c.name: c for c in profile.columns}
        targets = self.targets
        self._table.show_profile(profile.rows, columns, targets)
        column = columns.get(self._column)
        aside = session.document.project.aside
        suggestions = shown_suggestions(session.suggestions, aside, targets)
        self._audit()
        findings = self._findings if self._up_to_date() else ()
        if column is not None:
            wrong = problems(column, profile.rows, suggestions, findings, aside)
            self._panel.show_column(column, profile.rows, targets, wrong)
            self._look_closer(targets[0] if targets else "")
        else:
            self._column = ""
            summary, items = first_look(profile, suggestions, targets, findings, aside)
            offered = shown_suggestions(session.suggestions, (), targets)
            _, every = first_look(profile, offered, targets, findings)
            left_so = len(every) - len(items) + len(offered) - len(suggestions)
            self._panel.show_first(summary, items, left_so, not self._up_to_date())

    # ---- the audit

    def _wanted(self) -> tuple[Any, ...]:
        session = self._session
        return (session.cleaned, session.profile, session.features)

    def _up_to_date(self) -> bool:
        wanted = self._wanted()
        return len(self._audited) == len(wanted) and all(a is b for a, b in zip(self._audited, wanted, strict=True))

    def _audit(self) -> None:
        """Ask for the findings about the table as it is now, once it has been planned."""
        session, wanted = self._session, self._wanted()
        under_way = session.jobs.running(session.pipeline) or (
            len(self._asked) == len(wanted) and all(a is b for a, b in zip(self._asked, wanted, strict=True))
        )
        if self._up_to_date() or under_way or session.cleaned is None or session.profile is None:
            return
        self._asked = wanted
        project, dataset = session.document.project, session.dataset
        cleaned, profile, features = wanted
        session.jobs.run(
            self,
            "audit",
            lambda progress, cancelled: findings_of(
                cleaned, profile, features, lambda: planned_rows(project, dataset, cleaned, features)
            ),
            lambda found: self._on_audit(wanted, found),
            lambda error: self._on_audit(wanted, ()),
        )

    def _on_audit(self, of: tuple[Any, ...], found: tuple[Any, ...]) -> None:
        self._audited, self._findings, self._asked = of, found, ()
        if self._up_to_date():
            self.show()

    def _look_closer(self, target: str) -> None:
        session, name = self._session, self._column
        if session.cleaned is None or name not in session.cleaned.frame.columns:
            return
        frame = session.cleaned.frame
        wanted = (id(frame), name, target)
        if self._looked == wanted:
            return
        self._looked, self._looked_at = wanted, frame  # kept, so that its id stays its own
        self._panel.view.detail.show_nothing()
        session.jobs.run(
            self, "closer", lambda progress, cancelled: look_closer(frame, name, target, cancelled), self._on_detail
        )

    def _on_detail(self, detail: Detail) -> None:
        if detail.column == self._column:
            self._panel.view.detail.show_detail(detail)

    def look_at(self, name: str) -> None:
        """Show this column in detail; "" shows the overview."""
        if name != self._column:
            self._looked = ()
        self._column = name
        self.show()

    def leave(self) -> None:
        """Back to the overview."""
        self._table.clearSelection()
        self._table.setCurrentIndex(self._table.frame_model.index(-1, -1))
        self.look_at("")

    def rename(self, before: str, after: str) -> None:
        """A column is about to be called otherwise."""
        if self._column == before:
            self._column = after
