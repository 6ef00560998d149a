"""Deciding: does the training fit the output, what state is each page in, and what is the one thing to do next.

`resolve_training` (core/objectives.py) is called by the engine with the output as Keras has built it; `resolve` by the
faces. Both are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import WorkbenchError
from .facts import DataFacts, GraphFacts, Problem
from .objectives import resolve_training
from .project import Project, TrainSpec

__all__ = ["PAGES", "PageState", "Resolved", "Situation", "resolve", "resolve_training"]

PAGES = ("data", "features", "model", "train", "test", "runs", "export")


@dataclass(frozen=True)
class Situation:
    """What the session knows at this moment, besides the project.

    data_error, features_error: "" or None when there is none. rows: of the cleaned table, or pictures.
    facts: None until the features are worked out. graph_facts: None until the engine has checked the graph.
    engine_lost: why there is no engine, where it is not started again by itself. running: a run is under way (paused or
    not). runs_count: all runs; finished_runs: those with weights to use.
    """

    data_loaded: bool = False
    loading: bool = False
    data_error: WorkbenchError | str | None = None
    rows: int = 0
    features_error: WorkbenchError | str | None = None
    facts: DataFacts | None = None
    graph_facts: GraphFacts | None = None
    engine_ready: bool = False
    running: bool = False
    paused: bool = False
    engine_lost: str = ""
    runs_count: int = 0
    finished_runs: int = 0


@dataclass(frozen=True)
class PageState:
    """state: "empty" (nothing yet) | "attention" (`count` things to mend) | "ready" | "running" | "done".
    missing: what is missing or wrong, one sentence each."""

    state: str
    count: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """next_page: where the one thing to do next is. why_not: why training cannot start, "" when it can."""

    pages: Mapping[str, PageState]
    next_page: str
    can_train: bool
    why_not: str


def resolve(project: Project, situation: Situation) -> Resolved:
    """The state of each page and the next thing to do."""
    data = _data_page(situation)
    features = _features_page(data, situation)
    model = _model_page(project, features, situation)
    train = _train_page(project, data, features, model, situation)
    usable = situation.finished_runs > 0
    nothing = PageState("empty", 0, ("Train a model first.",))
    pages = {
        "data": data,
        "features": features,
        "model": model,
        "train": train,
        "test": PageState("ready") if usable or situation.running else nothing,
        "runs": PageState("ready") if situation.runs_count else PageState("empty", 0, ("There are no runs yet.",)),
        "export": PageState("ready") if usable else nothing,
    }
    can_train = train.state in ("ready", "done")
    why_not = "" if can_train else _why_not(pages, situation)
    return Resolved(pages, _next_page(pages, situation), can_train, why_not)


def _data_page(s: Situation) -> PageState:
    if s.loading:
        return PageState("running", 0, ("The data is being read.",))
    if s.data_error:
        return PageState("attention", 1, (_words(s.data_error),))
    if not s.data_loaded:
        return PageState("empty", 0, ("Open a table or a folder of pictures.",))
    if s.rows < 1:
        return PageState("attention", 1, ("No rows are left after cleaning.",))
    return PageState("done")


def _features_page(data: PageState, s: Situation) -> PageState:
    if data.state != "done":
        first = "Open data first." if data.state == "empty" else "The data is not ready yet."
        return PageState("empty", 0, (first,))
    if s.features_error:
        return PageState("attention", 1, (_words(s.features_error),))
    if s.facts is None:
        return PageState("running", 0, ("The features are being worked out.",))
    if s.facts.target is None:
        return PageState("attention", 1, ("Choose the target: what the model shall predict.",))
    if not s.facts.rows.get("train", 0):
        return PageState("attention", 1, ("No rows are left for training.",))
    return PageState("done")


def _model_page(project: Project, features: PageState, s: Situation) -> PageState:
    if not project.graph.nodes:
        first = "Choose a template or add layers." if features.state == "done" else "The features are not ready yet."
        return PageState("empty", 0, (first,))
    if s.graph_facts is None:
        return PageState(
            "ready", 0, () if s.engine_ready else ("The model is checked as soon as the engine is ready.",)
        )
    wrong = _errors(p for p in s.graph_facts.problems if not p.setting)
    return PageState("attention", len(wrong), wrong) if wrong else PageState("done")


def _train_page(project: Project, data: PageState, features: PageState, model: PageState, s: Situation) -> PageState:
    if s.running:
        return PageState("running", 0, ("Paused.",) if s.paused else ())
    wrong = _setting_problems(project.train)
    if s.graph_facts is not None:
        wrong += tuple(t for t in _errors(p for p in s.graph_facts.problems if p.setting) if t not in wrong)
    if wrong:
        return PageState("attention", len(wrong), wrong)
    earlier = (
        (data, "The data is not ready."),
        (features, "The features are not ready."),
        (model, "The model has problems."),
    )
    for page, text in earlier:
        if page.state in ("empty", "attention", "running"):
            return PageState("empty", 0, page.missing[:1] or (text,))
    if s.engine_lost:
        return PageState("attention", 1, (f"{s.engine_lost} Menu Train, Start the engine, starts another.",))
    if not s.engine_ready:
        return PageState("empty", 0, ("The engine is starting.",))
    if s.graph_facts is None:
        return PageState("empty", 0, ("The model is being checked.",))
    return PageState("done" if s.finished_runs else "ready")


def _setting_problems(train: TrainSpec) -> tuple[str, ...]:
    wrong = []
    if train.epochs < 1:
        wrong.append(f"Epochs must be 1 or more, not {train.epochs}.")
    if train.batch_size < 1:
        wrong.append(f"The batch size must be 1 or more, not {train.batch_size}.")
    if train.early_stopping.enabled and train.early_stopping.patience < 1:
        wrong.append(f"The patience of early stopping must be 1 or more, not {train.early_stopping.patience}.")
    return tuple(wrong)


def _why_not(pages: Mapping[str, PageState], s: Situation) -> str:
    if s.running:
        return "A run is paused." if s.paused else "A run is under way."
    missing = pages["train"].missing
    return missing[0] if missing else "Something is missing."


def _next_page(pages: Mapping[str, PageState], s: Situation) -> str:
    if s.running:
        return "train"
    unready = (n for n in ("data", "features", "model") if pages[n].state in ("empty", "attention", "running"))
    return next(unready, "test" if pages["train"].state == "done" else "train")


def _errors(problems: Iterable[Problem]) -> tuple[str, ...]:
    return tuple(p.message for p in problems if p.severity == "error")


def _words(error: WorkbenchError | str) -> str:
    return error.what if isinstance(error, WorkbenchError) else error
