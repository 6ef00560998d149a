"""What an action of the window is, and what it may depend on whether it can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence

from workbench.core.project import Node

if TYPE_CHECKING:
    from .window import MainWindow


def _always(_window: MainWindow) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One thing to do.

    id: its name in code and in tests. menu: where it stands; "" only in the finder. shortcut: as QKeySequence reads it;
    "" none. shown_keys: for keys that the window itself handles, as they mean something else while one types.
    enabled: asked whenever the state changes. checked: for a tick box, its state. group: exclusive with its like.
    """

    id: str
    text: str
    menu: str
    do: Callable[[MainWindow], Any]
    shortcut: str = ""
    icon: str = ""
    enabled: Callable[[MainWindow], bool] = _always
    checked: Callable[[MainWindow], bool] | None = None
    group: str = ""
    shown_keys: str = ""
    help: str = ""

    @property
    def keys(self) -> str:
        """The shortcut as people read it."""
        return self.shown_keys or QKeySequence(self.shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def training(w: MainWindow) -> bool:
    """Whether a run trains."""
    return w.session.run is not None and w.session.run.active


def can_pause(w: MainWindow) -> bool:
    """Whether a run trains that can be paused, or is."""
    return w.session.run is not None and w.session.run.state in ("running", "paused")


def has_graph(w: MainWindow) -> bool:
    """Whether there is a model."""
    return bool(w.session.project.graph.nodes)


def some_chosen(w: MainWindow, fits: Callable[[Node], bool]) -> bool:
    """Whether a layer selected on the canvas is such a one."""
    chosen = set(w.model_verbs.chosen())
    return bool(chosen) and any(n.id in chosen and fits(n) for n in w.session.project.graph.nodes)


def on_canvas(ask: Callable[[Any], bool]) -> Callable[[MainWindow], bool]:
    """Whether something holds of the Model page, where it is shown."""

    def enabled(w: MainWindow) -> bool:
        page: Any = w.pages.get("model")
        return page is not None and page.isVisible() and ask(page)

    return enabled


def group_chosen(page: Any) -> bool:
    """Whether a group is selected on the Model page."""
    return bool(page.grouping.chosen())
