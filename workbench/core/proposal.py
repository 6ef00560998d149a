"""Training settings that suit a template and the data, so that a person can press Train at once."""

from __future__ import annotations

from dataclasses import replace

from .document import Edit
from .facts import DataFacts
from .project import EarlyStopping, Graph, Project, TrainSpec
from .templates import TEMPLATES

SMALL = 5_000
LARGE = 20_000


def propose_training(template: str, facts: DataFacts, train: TrainSpec) -> TrainSpec:
    """`train` with optimizer, epochs, batch size and early stopping for this template and so many training rows.

    A line is learnt by plain gradient descent, as in every first lesson. Small tables need many short epochs and the
    best one kept; pictures need few.
    """
    rows = facts.rows.get("train", 0)
    validated = facts.rows.get("validation", 0) > 0
    if template == "line" and rows <= 100:
        return replace(
            train, optimizer="SGD", optimizer_params={"learning_rate": 0.01}, epochs=500, early_stopping=EarlyStopping()
        )
    table = facts.kind == "table"
    epochs = (200 if rows < SMALL else 50 if rows < LARGE else 20) if table else (30 if rows < SMALL else 5)
    patience = 20 if table else 8
    return replace(
        train,
        optimizer="Adam",
        optimizer_params={},
        epochs=epochs,
        batch_size=128 if table and rows >= LARGE else 32,
        early_stopping=EarlyStopping(enabled=validated, patience=patience),
    )


def start_from(name: str, graph: Graph, facts: DataFacts, before: DataFacts | None = None) -> Edit:
    """The graph of template `name`, and the training settings that go with it unless the person has set their own.

    before: the facts the current settings were proposed for; None when they are the same.
    """

    def edit(project: Project) -> Project:
        train = project.train
        if _untouched(train, before or facts):
            train = propose_training(name, facts, train)
        return replace(project, graph=graph, train=train)

    return edit


def _untouched(train: TrainSpec, facts: DataFacts) -> bool:
    """Whether these are the defaults, or what is proposed for some template; seed, device, loss and metrics aside."""
    plain = replace(TrainSpec(), loss=train.loss, metrics=train.metrics, seed=train.seed, device=train.device)
    return train == plain or any(train == propose_training(t.name, facts, train) for t in TEMPLATES)
