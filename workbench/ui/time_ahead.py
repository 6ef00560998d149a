"""How long the run that trains and those that wait will take together, by what was measured of runs like them since the
program was opened. Without Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from workbench.core.project import EarlyStopping, Project, Split

from .live_run import LiveRun
from .readable import roughly

SURE = 0.05  # of a run, at least, is done or left where its pace is read from what it says


def alike(project: Project) -> str:
    """All that the seconds of an epoch depend on, in one word. The folds of a project are alike, and like the project:
    its training part differs by some rows."""
    nodes = [replace(node, x=0.0, y=0.0, group="", note="", weights=None) for node in project.graph.nodes]
    features, train = project.features, project.train
    params = {name: value for name, value in train.optimizer_params.items() if name != "learning_rate"}
    train = replace(train, epochs=0, seed=0, early_stopping=EarlyStopping(), optimizer_params=params)
    features = replace(features, split=replace(features.split or Split(), folds=0, fold=0, seed=0))
    return repr((project.data, project.recipe, features, nodes, project.graph.wires, train))


class Paces:
    """Seconds of an epoch, of what was forecast or trained."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def foretold(self, project: Project, seconds: float) -> None:
        """An epoch was forecast. What was trained counts more."""
        self._known.setdefault(alike(project), seconds)

    def trained(self, run: LiveRun) -> None:
        """It has come so far, or has ended."""
        left, ended = run.epochs * (1 - run.share), run.ended
        if run.alike and ended is not None and ended.epochs and ended.reason != "failed":
            self._known[run.alike] = ended.seconds / ended.epochs
        elif run.alike and SURE <= run.share <= 1 - SURE and math.isfinite(run.seconds_left):
            self._known[run.alike] = run.seconds_left / left

    def in_words(self, run: LiveRun | None, waiting: Sequence[tuple[str, int]]) -> str:
        """Until all of them are done, "over" that where nothing is known of some; "" where of none.

        waiting: what each is like (`alike`), and its epochs.
        """
        known: list[float] = []
        unknown = 0
        if run is not None and run.active:
            self.trained(run)
            known = [run.seconds_left] if math.isfinite(run.seconds_left) else []
            unknown = 1 - len(known)
        for like, epochs in waiting:
            each = self._known.get(like)
            known += [each * epochs] if each is not None else []
            unknown += each is None
        if not known:
            return ""
        return f"{'over' if unknown else 'about'} {roughly(sum(known))} in all"
