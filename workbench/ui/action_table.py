"""Everything the window can do, as one table: menus, shortcuts, the finder (Ctrl+K) and Help are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence

from workbench.core import edits_graph
from workbench.core.checks import PAGES
from workbench.core.edits_weights import can_freeze
from workbench.core.project import Node

from . import theme
from .rail import ICONS, TITLES

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


def _training(w: MainWindow) -> bool:
    return w.session.run is not None and w.session.run.active


def _can_pause(w: MainWindow) -> bool:
    return w.session.run is not None and w.session.run.state in ("running", "paused")


def _has_graph(w: MainWindow) -> bool:
    return bool(w.session.project.graph.nodes)


def _some_chosen(w: MainWindow, fits: Callable[[Node], bool]) -> bool:
    """Whether a layer selected on the canvas is such a one."""
    chosen = set(w.model_verbs.chosen())
    return bool(chosen) and any(n.id in chosen and fits(n) for n in w.session.project.graph.nodes)


def _on_canvas(ask: Callable[[Any], bool]) -> Callable[[MainWindow], bool]:
    """Whether something holds of the Model page, where it is shown."""

    def enabled(w: MainWindow) -> bool:
        page: Any = w.pages.get("model")
        return page is not None and page.isVisible() and ask(page)

    return enabled


def _group_chosen(page: Any) -> bool:
    return bool(page.grouping.chosen())


def _theme(name: str) -> Action:
    return Action(
        f"theme_{name}",
        {"system": "Follow the system", "light": "Light", "dark": "Dark"}[name],
        "View/Theme",
        lambda w: w.set_theme(name),
        icon={"system": "desktop", "light": "sun", "dark": "moon"}[name],
        checked=lambda w: theme.choice() == name,
        group="theme",
    )


SEPARATOR = None

ACTIONS: tuple[Action | None, ...] = (
    Action("new", "New project", "File", lambda w: w.session.new_project(), "Ctrl+N", "file-plus"),
    Action(
        "open_data",
        "Open data…",
        "File",
        lambda w: w.files.open_data(),
        "Ctrl+O",
        "table",
        help="A table or array file.",
    ),
    Action(
        "open_images",
        "Open a folder of pictures…",
        "File",
        lambda w: w.files.open_pictures(),
        "Ctrl+Shift+O",
        "image-square",
    ),
    Action("open_project", "Open project…", "File", lambda w: w.files.open_project(), "Ctrl+Alt+O", "folder-open"),
    Action(
        "open_model",
        "Open a model…",
        "File",
        lambda w: w.files.open_model(),
        "Ctrl+Shift+M",
        "share-network",
        help="A .keras or .h5 file, Keras JSON or a SavedModel: its layers and weights come onto the canvas.",
    ),
    Action(
        "paste_table",
        "Paste a table",
        "File",
        lambda w: w.files.paste_table(),
        "",
        "clipboard-text",
        shown_keys="Ctrl+V",
        help="Cells copied from a spreadsheet become a project.",
    ),
    SEPARATOR,
    Action("save", "Save", "File", lambda w: w.files.save(), "Ctrl+S", "floppy-disk"),
    Action("save_as", "Save a copy…", "File", lambda w: w.files.save_as(), "Ctrl+Shift+S"),
    Action(
        "show_folder",
        "Show the project's folder",
        "File",
        lambda w: w.files.show_folder(),
        enabled=lambda w: w.session.folder.exists(),
    ),
    SEPARATOR,
    Action("quit", "Quit", "File", lambda w: w.close(), "Ctrl+Q", "power"),
    Action(
        "undo",
        "Undo",
        "Edit",
        lambda w: w.session.undo(),
        "Ctrl+Z",
        "arrow-u-up-left",
        lambda w: bool(w.session.document.undo_label),
    ),
    Action(
        "redo",
        "Redo",
        "Edit",
        lambda w: w.session.redo(),
        "Ctrl+Y",
        "arrow-u-up-right",
        lambda w: bool(w.session.document.redo_label),
    ),
    SEPARATOR,
    Action(
        "find",
        "Find anything…",
        "Edit",
        lambda w: w.show_finder(),
        "Ctrl+K",
        "magnifying-glass",
        help="Actions, pages, layers, columns, runs, settings.",
    ),
    Action("rename", "Rename the project…", "Edit", lambda w: w.files.rename_project(), "", "pencil-simple"),
    Action("page_start", "Start", "View", lambda w: w.show_page("start"), "Ctrl+0", ICONS["start"]),
    *(
        Action(
            f"page_{name}", TITLES[name], "View", lambda w, name=name: w.show_page(name), f"Ctrl+{number}", ICONS[name]
        )
        for number, name in enumerate(PAGES, 1)
    ),
    SEPARATOR,
    *(_theme(name) for name in theme.CHOICES),
    Action(
        "full_screen",
        "Full screen",
        "View",
        lambda w: w.toggle_full_screen(),
        "F11",
        "corners-out",
        checked=lambda w: w.isFullScreen(),
    ),
    Action(
        "propose_model",
        "Propose a model for this data",
        "Model",
        lambda w: w.model_verbs.propose(),
        "",
        "magic-wand",
        lambda w: w.session.facts is not None and w.session.facts.target is not None,
    ),
    Action(
        "arrange",
        "Arrange the layers",
        "Model",
        lambda w: w.session.apply(edits_graph.arrange(), "Arrange the layers"),
        "Ctrl+L",
        "tree-structure",
        _has_graph,
    ),
    Action(
        "known_network",
        "Start from a known network…",
        "Model",
        lambda w: w.session.opener.choose_network(w),
        "",
        "stack",
        help="ResNet, EfficientNet and the others of keras.applications, with a new answer for your classes.",
    ),
    SEPARATOR,
    Action(
        "group",
        "Group the selected layers",
        "Model",
        lambda w: w.pages["model"].grouping.make(),
        "",
        "selection-plus",
        _on_canvas(lambda page: bool(page.wishes.chosen())),
        shown_keys="Ctrl+G",
        help="One name for several layers: they can be moved, folded, copied and repeated as one.",
    ),
    Action(
        "ungroup",
        "Ungroup",
        "Model",
        lambda w: w.pages["model"].grouping.ungroup(),
        "",
        "selection-slash",
        _on_canvas(lambda page: page.grouping.any_chosen()),
        shown_keys="Ctrl+Shift+G",
    ),
    Action(
        "group_by_names",
        "Group the layers by their names",
        "Model",
        lambda w: w.pages["model"].grouping.by_names(),
        "",
        "stack-simple",
        _on_canvas(lambda page: bool(page.graph.nodes)),
        help="For networks whose layers are called block_1_conv, block_1_bn and so on: a folded group for each block.",
    ),
    Action(
        "fold_group",
        "Fold or open the group",
        "Model",
        lambda w: w.pages["model"].grouping.toggle(),
        "",
        "arrows-in-line-vertical",
        _on_canvas(_group_chosen),
    ),
    Action(
        "repeat_group",
        "Repeat the group…",
        "Model",
        lambda w: w.pages["model"].grouping.repeat(),
        "",
        "repeat",
        _on_canvas(_group_chosen),
        help="Copies of it behind each other, each with weights of its own.",
    ),
    Action(
        "keep_block",
        "Keep the group as a block…",
        "Model",
        lambda w: w.pages["model"].grouping.keep(),
        "",
        "bookmark-simple",
        _on_canvas(_group_chosen),
        help="It then stands under Blocks in the list of layers, in every project.",
    ),
    SEPARATOR,
    Action(
        "use_again",
        "Use the layers once more",
        "Model",
        lambda w: w.pages["model"].sharing.use_again(),
        "",
        "link-simple",
        _on_canvas(lambda page: page.sharing.can_use_again()),
        shown_keys="Ctrl+Shift+D",
        help="The very same layers at further places, with the same weights, as in a siamese network.",
    ),
    Action(
        "use_one_layer",
        "Use one layer for all that are selected",
        "Model",
        lambda w: w.pages["model"].sharing.join(),
        "",
        "git-merge",
        _on_canvas(lambda page: page.sharing.can_join()),
        help="They become places of the first of them and learn the same weights.",
    ),
    Action(
        "own_layer",
        "Give it its own layer",
        "Model",
        lambda w: w.pages["model"].sharing.give_own(),
        "",
        "link-simple-break",
        _on_canvas(lambda page: page.sharing.can_give_own()),
        help="A copy of the layer it shares, set alike, from the same weights; each then learns for itself.",
    ),
    SEPARATOR,
    Action(
        "freeze",
        "Freeze the selected layers",
        "Model",
        lambda w: w.model_verbs.freeze(True),
        "",
        "snowflake",
        lambda w: _some_chosen(w, lambda n: n.trainable and can_freeze(n)),
        help="They keep their weights while the others learn.",
    ),
    Action(
        "thaw",
        "Thaw the selected layers",
        "Model",
        lambda w: w.model_verbs.freeze(False),
        "",
        "fire",
        lambda w: _some_chosen(w, lambda n: not n.trainable),
        help="They learn again.",
    ),
    Action(
        "forget_weights",
        "Forget the start weights",
        "Model",
        lambda w: w.model_verbs.forget_weights(),
        "",
        "eraser",
        lambda w: _some_chosen(w, lambda n: n.weights is not None),
        help="The selected layers start from random weights instead of those of the model they came from.",
    ),
    Action("train", "Train", "Train", lambda w: w.train(), "F5", "play", lambda w: not _training(w)),
    Action("pause", "Pause or go on", "Train", lambda w: w.toggle_pause(), "", "pause", _can_pause, shown_keys="Space"),
    Action("stop", "Stop and keep the best", "Train", lambda w: w.session.stop(), "Shift+F5", "stop", _training),
    SEPARATOR,
    Action(
        "resume_run",
        "Resume the interrupted run",
        "Train",
        lambda w: w.resume_interrupted(),
        "",
        "arrow-clockwise",
        lambda w: w.interrupted() is not None,
    ),
    Action(
        "start_engine",
        "Start the engine",
        "Train",
        lambda w: w.session.start_engine(),
        "",
        "cpu",
        lambda w: w.session.engine.state in ("dead", "stopped"),
    ),
    Action(
        "kill_engine",
        "End the engine",
        "Train",
        lambda w: w.session.kill_engine(),
        "",
        "x-circle",
        lambda w: w.session.engine.state == "ready",
        help="At once, when it does not answer. It is started again; a run goes on from its last checkpoint.",
    ),
    Action(
        "announce",
        "Tell me when a long run ends",
        "Train",
        lambda w: w.announcer.switch(),
        "",
        "bell",
        checked=lambda w: w.session.settings.announce,
        help="By the desktop, when it took more than a minute and the program is not in front.",
    ),
    Action("shortcuts", "Shortcuts", "Help", lambda w: w.show_help("shortcuts"), "F1", "keyboard"),
    Action(
        "words",
        "Words",
        "Help",
        lambda w: w.show_help("words"),
        "",
        "book-open",
        help="Epoch, batch, loss and the rest, one sentence each.",
    ),
    Action("logs", "Show the log files", "Help", lambda w: w.files.show_logs(), "", "file-text"),
    SEPARATOR,
    Action("about", "About", "Help", lambda w: w.show_help("about"), "", "info"),
)
