"""Opening a model file from the window: asked of the engine with progress and cancel, put on the canvas as one step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from workbench.core import edits
from workbench.core.edits_weights import bring_in
from workbench.core.errors import WorkbenchError
from workbench.core.importing.fitted import wanted_picture
from workbench.core.project import Graph, ImageFeature, Project
from workbench.core.wording import plural
from workbench.link.messages import Failed, ImportModel, MakeNetwork, Message, ModelImported, Progress

from ..notices import Notice

if TYPE_CHECKING:
    from ..session import Session

KEY = "open-model"


class ModelOpener(QObject):
    """One request at a time: a newer one gives up the older. On the UI thread."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._number = 0
        self._share = -1

    @property
    def busy(self) -> bool:
        """Whether a model is being read."""
        return bool(self._number)

    def open(self, path: Path) -> None:
        """Read a model file or SavedModel folder and put it on the canvas. What goes wrong is told as a notice."""
        folder = self._session.folder.path
        self.ask(ImportModel(str(path), str(folder / "weights")), path.name, path.stem)

    def choose_network(self, parent: QWidget) -> None:
        """Let a person choose one of the networks of keras.applications, and put it on the canvas."""
        from workbench.core.applications import network, why_not

        session = self._session
        if reason := why_not(session.facts):
            session.tell(WorkbenchError(reason, remedy="They need pictures and classes to sort them into."), key=KEY)
            return
        from .network_dialog import NetworkDialog, on_this_machine

        def use(name: str, file: str, frozen: bool) -> None:
            if session.facts is not None:
                folder = str(session.folder.path / "weights")
                title = network(name).title
                self.ask(MakeNetwork(name, session.facts, folder, file, frozen), title, "")

        def show(found: dict[str, Path]) -> None:
            dialog = NetworkDialog(found, parent)
            dialog.wanted.connect(use)
            dialog.open()

        session.jobs.run(self, "networks", lambda _p, _c: on_this_machine(), show)

    def ask(self, message: Message, title: str, name: str) -> None:
        """Ask the engine for a graph and put it on the canvas. title: what is opened, for messages. name: for a
        project that has none."""
        session = self._session
        if session.read_only:
            session.tell(
                WorkbenchError(
                    "This project is read-only here: the model's weights cannot be kept in it.",
                    where=title,
                    remedy="Save a copy of the project, or start a new one, and open the model there.",
                ),
                key=KEY,
            )
            return
        self.cancel()
        folder = session.folder.path
        self._share = -1
        self._say(title, 0.0)
        numbers: list[int] = []

        def progress(message: Message) -> None:
            if isinstance(message, Progress) and numbers == [self._number]:
                self._say(title, message.done / message.total if message.total else 0.0)

        def answered(answer: Message) -> None:
            if numbers != [self._number]:
                return  # given up
            self._number = 0
            if isinstance(answer, Failed):
                if not answer.cancelled:
                    session.tell(WorkbenchError(answer.what, where=answer.where, remedy=answer.remedy), key=KEY)
                return
            assert isinstance(answer, ModelImported)
            if session.folder.path != folder:
                session.tell(f"{title} was not opened, as another project took the place of the one it was for.")
                return
            self._place(answer, title, name)

        self._number = session.client.ask(message, answered, progress)
        numbers.append(self._number)

    def cancel(self) -> None:
        """Give up what is being read; nothing has changed."""
        if self._number:
            self._session.client.cancel(self._number)
            self._number = 0

    # ---- telling ---------------------------------------------------------------------------------------------

    def _say(self, title: str, share: float) -> None:
        percent = int(20 * share) * 5
        if percent == self._share:
            return
        self._share = percent
        waiting = self._session.engine.state == "starting" and not percent
        text = f"Opening {title}" + (" as soon as the engine has started" if waiting else "") + "…"
        text += f" {percent} %" if percent else ""
        self._session.notice.emit(Notice(text, "info", (("Cancel", self.cancel),), key=KEY))

    def _place(self, answer: ModelImported, title: str, name: str) -> None:
        session = self._session
        first = session.project.data is None
        picture = picture_change(answer.graph, session.project.features.image)
        place = bring_in(answer.graph, name, session.facts)

        def edit(project: Project) -> Project:
            placed = place(project)
            return edits.set_image(picture)(placed) if first and picture is not None else placed

        session.apply(edit, f"Open {title}")
        session.document.end_merge()
        session.show_page("model")
        lines = [summary(answer)]
        if first and picture is not None:
            lines.append(
                f"Pictures opened now are prepared for it: {picture.height} × {picture.width}, {_colours(picture)}."
            )
        lines += answer.notes[:3]
        if len(answer.notes) > 3:
            lines.append(f"And {len(answer.notes) - 3} more notes, under Copy details.")
        warned = bool(answer.unknown)
        actions = ()
        if not first and picture is not None and (session.facts is None or session.facts.kind == "images"):
            height, width, colours = picture.height, picture.width, _colours(picture)
            actions = (
                (
                    f"Prepare pictures at {height} × {width}, {colours}",
                    lambda: session.apply(edits.set_image(picture), f"Prepare pictures at {height} × {width}"),
                ),
            )
        details = "\n".join(answer.notes) if len(answer.notes) > 3 else ""
        severity = "warning" if warned else "good"
        session.notice.emit(Notice("\n".join(lines), severity, actions, details, KEY, lasting=bool(actions or warned)))


def summary(answer: ModelImported) -> str:
    """What was opened, as one or two sentences."""
    layers = plural(answer.layers, "layer")
    text = f"{answer.source}: {layers} on the canvas"
    if answer.with_weights:
        text += f", {answer.with_weights:,} of them with its weights ({answer.parameters:,} parameters)."
    else:
        text += "." if answer.format == "application" else ", which start from random weights."
    if answer.unknown:
        count = len(answer.unknown)
        some = "One stands" if count == 1 else f"{count:,} stand"
        text += f" {some} for what the workbench does not know or will not run; replace or remove them to train."
    return text


def _colours(picture: ImageFeature) -> str:
    return "colour" if picture.channels == 3 else "grey"


def picture_change(graph: Graph, now: ImageFeature) -> ImageFeature | None:
    """The preparation of pictures the model needs, when it is another than now."""
    wanted = wanted_picture(graph, now)
    return wanted if wanted is not None and wanted != now else None
