"""Training settings that suit a template and the data, so that a person can press Train at once."""

from __future__ import annotations

from dataclasses import replace

from .document import Edit
from .facts import DataFacts
from .project import EarlyStopping, Graph, Project, TrainSpec
from .templates import TEMPLATES

# Training rows up to which: epochs at most, epochs without improvement, batch size. Few rows make short epochs, so
# many of them cost nothing, and patience finds the best one. Tried with three seeds on every sample and real tables.
TABLES = ((1_000, 600, 50, 32), (5_000, 300, 30, 32), (20_000, 100, 20, 32))
LARGE_TABLE = (30, 10, 128)
FEW_PICTURES = 5_000
SEQUENCES = ((1_000, 100, 15, 32), (10_000, 40, 8, 32))
LARGE_SEQUENCES = (20, 5, 64)


def propose_training(template: str, facts: DataFacts, train: TrainSpec) -> TrainSpec:
    """`train` with optimizer, epochs, batch size and early stopping for this template and so many training rows.

    A line is learnt by plain gradient descent, as in every first lesson; anything else by Adam, until the validation
    rows say that it gets no better.
    """
    rows = facts.rows.get("train", 0)
    validated = facts.rows.get("validation", 0) > 0
    if template == "line" and rows <= 100:
        return replace(
            train, optimizer="SGD", optimizer_params={"learning_rate": 0.01}, epochs=500, early_stopping=EarlyStopping()
        )
    if facts.kind == "sequences":
        epochs, patience, batch = next((t[1:] for t in SEQUENCES if rows < t[0]), LARGE_SEQUENCES)
    elif not any(i.kind == "image" for i in facts.inputs):
        epochs, patience, batch = next((t[1:] for t in TABLES if rows < t[0]), LARGE_TABLE)
        if not validated:  # nobody says when to stop
            epochs = min(epochs, 200)
    elif template == "autoencoder":  # every pixel is an answer: it learns longer before it learns by heart
        epochs, patience, batch = (60 if rows < FEW_PICTURES else 10), 8, 32
    else:
        epochs, patience, batch = (30 if rows < FEW_PICTURES else 5), 8, 32
    return replace(
        train,
        optimizer="Adam",
        optimizer_params={},
        epochs=epochs,
        batch_size=batch,
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
        # What a person wrote outlasts the model it was written beside.
        kept = replace(graph, notes=(*graph.notes, *project.graph.notes))
        return replace(project, graph=kept, train=train)

    return edit


def _untouched(train: TrainSpec, facts: DataFacts) -> bool:
    """Whether these are the defaults, or what is proposed for some template; seed, device, loss and metrics aside."""
    plain = replace(TrainSpec(), loss=train.loss, metrics=train.metrics, seed=train.seed, device=train.device)
    return train == plain or any(train == propose_training(t.name, facts, train) for t in TEMPLATES)
