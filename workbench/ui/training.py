"""The verbs of training: begin, wait until it can be, queue, fold, change, pause, stop, on one machine or several."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.crossval import fold_projects
from workbench.core.errors import ProjectError
from workbench.core.runs import Start
from workbench.link.messages import Forecast, Forecasted, Message

from .notices import Notice
from .planned import Planned

if TYPE_CHECKING:
    from .session import Session


class Training:
    """Decides whether the session's project can be trained, and how. On the UI thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wanted: dict[str, Any] | None = None  # how, once it can be

    def forget(self) -> None:
        """Another project: what was to begin is none of it."""
        self._wanted = None
        self._session.choice.forget()

    def begin_if_wanted(self) -> None:
        """Train, when that was asked for before it could be and nothing more is waited for."""
        wanted = self._wanted
        if wanted is not None and not self._waiting():
            self._wanted = None
            self.train(**wanted)

    def train_chosen(self) -> bool:
        """What a press of Train starts, wherever it is pressed: the weights and the folds that were chosen on the Train
        page, else a run with new weights or the folds that the project plans. Whether it began."""
        session = self._session
        session.choice.asked.emit()
        return self.train(start=session.choice.start(session.folder.runs), folds=session.choice.folds(session.project))

    def train(
        self,
        resume: Path | str | None = None,
        name: str = "",
        *,
        epochs: int = 0,
        start: Start | None = None,
        folds: int = 0,
        batch_size: int = 0,
    ) -> bool:
        """Train the project as it stands, or go on with an interrupted run (its folder or id).

        epochs: with `resume`, train a run that is over on to so many in all. start: weights to begin with. folds: a run
        for each fold of a cross-validation. batch_size: with `resume`, go on in batches of so many rows. While
        a run trains, further ones wait for it (`enqueue`).

        What keeps it from training is told as a notice with the page where it can be mended. Whether it began.
        """
        session = self._session
        if resume is not None:
            folder = resume if isinstance(resume, Path) else session.folder.runs / resume
            session.runner.beginning.resume(folder, epochs, batch_size)
            return True
        if session.run is not None and session.run.active:
            session.tell(f"{session.run.name} is still training.", key="train")
            return False
        if not session.resolved.can_train or session.dataset is None:
            if self._waiting():
                self._wanted = {"name": name, "start": start, "folds": folds}
                if session.engine.state == "starting":
                    text = "The engine is still starting; training begins as soon as it is ready."
                    session.notice.emit(Notice(text, "info", key="train", page="train", lasting=False))
                return True
            self._refuse()
            return False
        if folds:
            return self.enqueue(start=start, folds=folds)
        project = replace(session.project, features=session.features)
        return session.runner.beginning.train(Planned(project, session.dataset, session.cleaned, name, start))

    def enqueue(self, name: str = "", start: Start | None = None, folds: int = 0) -> bool:
        """Let the project as it stands be the next run after those that wait, or its folds the next runs."""
        session = self._session
        if not self._can_be_planned():
            self._refuse()
            return False
        project = replace(session.project, features=session.features)
        plans = [Planned(project, session.dataset, session.cleaned, name, start)]
        if folds:
            group = uuid.uuid4().hex[:12]
            groups = [r.group for r in session.runs] + [plan.group for plan in session.runner.beginning.waiting]
            number = 1 + len({name for name in groups if name})
            plans = [
                Planned(
                    part,
                    session.dataset,
                    session.cleaned,
                    f"cross-validation {number}, fold {i}",
                    start,
                    group,
                    i,
                )
                for i, part in enumerate(fold_projects(project, folds), 1)
            ]
        session.runner.beginning.enqueue(plans)
        return True

    def _can_be_planned(self) -> bool:
        """Whether nothing but a run that trains keeps the project from being trained."""
        session = self._session
        wrong = any(page.state == "attention" for page in session.resolved.pages.values())
        return (
            not wrong and session.facts is not None and session.graph_facts is not None and session.dataset is not None
        )

    @property
    def waiting(self) -> list[str]:
        """Names of the runs that wait for the one that trains."""
        return [plan.name or "the next run" for plan in self._session.runner.beginning.waiting]

    def forecast(self, on_answer: Callable[[Message], None]) -> int:
        """What training the project would take, measured on one batch. Answer: Forecasted or Failed. 0 when it cannot
        be asked yet."""
        session = self._session
        if session.facts is None or not session.resolved.can_train or (session.run is not None and session.run.active):
            return 0
        project = replace(session.project, features=session.features)
        plan = Forecast(project.graph, session.facts, project.train, project.features.augment)

        def answered(answer: Message) -> None:
            if isinstance(answer, Forecasted) and answer.epoch_seconds:
                session.runner.beginning.paces.foretold(project, answer.epoch_seconds)
            on_answer(answer)

        return session.client.ask(plan, answered)

    @property
    def can_wait(self) -> bool:
        """Whether `train` would begin by itself soon: what keeps from it passes without the person."""
        return not self._session.resolved.can_train and self._waiting()

    @property
    def wanted(self) -> bool:
        """Whether training was asked for and begins as soon as it can."""
        return self._wanted is not None

    def _waiting(self) -> bool:
        """Whether what keeps from training may pass by itself: the engine starts, the data or the graph is read."""
        session = self._session
        if session.project.data is None or session.resolved.pages["train"].state == "attention":
            return False
        wrong = any(page.state == "attention" for page in session.resolved.pages.values())
        busy = session.engine.state == "starting" or session.pipeline.checking or session.jobs.running(session.pipeline)
        return busy and not wrong

    def _refuse(self) -> None:
        """Say why the project cannot be trained, with the way to the page where that is mended."""
        session = self._session
        wrong = [n for n, page in session.resolved.pages.items() if page.state == "attention"]
        page = wrong[0] if wrong else session.resolved.next_page
        action = (f"Go to {page.capitalize()}", lambda: session.show_page(page))
        text = f"This cannot be trained yet. {session.resolved.why_not}"
        session.notice.emit(Notice(text, "warning", (action,), key="train", lasting=False))

    def start_cluster(self, machines: Sequence[str], resume: str = "") -> None:
        """Train on several machines: start the first one's part as a program of its own, and follow it.

        resume: name of the run to go on with.
        """
        session = self._session
        if session.run is not None and session.run.active:
            session.tell(f"{session.run.name} is still training.", key="train")
            return
        if not session.resolved.can_train and not resume:
            self._refuse()
            return
        session.choice.asked.emit()
        folds = session.choice.folds(session.project)
        if folds and not resume:
            text = f"{folds} folds are chosen, which are trained on one machine. Set Folds to 0 to train on several."
            session.notice.emit(Notice(text, "warning", key="train", lasting=False))
            return
        try:
            session.projects.save_now()
        except ProjectError as error:
            session.tell(error)
            return
        folder, start = session.folder, "" if resume else session.choice.argument
        session.followed.train(folder.path, folder.runs, machines, session.project.train.epochs, resume, start)
