"""What is asked of trained models: answers, scores, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import ProjectError
from workbench.core.runs import RunRecord
from workbench.link.messages import Evaluate, Export, Failed, Message, Predict

from .live_run import LiveRun

if TYPE_CHECKING:
    from .session import Session

OnAnswer = Callable[[Message], None]


class Asking:
    """Asks the engine about runs of the session's project. On the UI thread, as are the answers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def run_folder(self, run: str | Path | RunRecord | LiveRun | None = None) -> Path:
        """The folder of a run; without one, of the live run, else of the newest that can be asked.

        Raises:
            ProjectError: nothing is trained yet.
        """
        session = self._session
        if isinstance(run, Path):
            return run
        if isinstance(run, LiveRun):
            return run.folder
        if isinstance(run, (RunRecord, str)):
            return session.folder.runs / (run if isinstance(run, str) else run.id)
        if session.run is not None and session.run.id and (session.run.active or session.run.record.usable):
            return session.run.folder
        usable = [r for r in session.runs if r.usable]
        if not usable:
            raise ProjectError("Nothing is trained yet.", remedy="Train the model first.")
        return session.folder.runs / usable[-1].id

    def predict(self, x: Mapping[str, np.ndarray], on_answer: OnAnswer, run: Any = None, newest: str = "") -> None:
        """Ask a model. x: {input name: array (n, *shape)} as the Preprocessor gives it. Answer: Predicted or Failed.

        newest: a name for a stream of questions; those overtaken by a newer one are not answered.
        """
        session = self._session
        try:
            message = Predict(str(self.run_folder(run)), x)
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return
        if newest:
            session.client.ask_newest(newest, message, on_answer)
        else:
            session.client.ask(message, on_answer)

    def evaluate(self, run: Any, on_answer: OnAnswer, part: str = "test") -> int:
        """Score a run on a part of its data. Answer: Evaluated or Failed. 0 when there is no such run."""
        try:
            message = Evaluate(str(self.run_folder(run)), part)
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return 0
        return self._session.client.ask(message, on_answer)

    def export(self, run: Any, format: str, out: Path | str, on_progress: OnAnswer | None, on_answer: OnAnswer) -> int:
        """Write a run's model and check it in its runtime. Answer: Exported or Failed. 0 when there is no such run."""
        try:
            message = Export(str(self.run_folder(run)), format, str(out))
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return 0
        return self._session.client.ask(message, on_answer, on_progress)
