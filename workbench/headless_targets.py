"""`workbench source --add-target`: a further column that a project is to predict, with what its model needs for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.core import edits
from workbench.core.data import pipeline
from workbench.core.data.recipe import Cleaned
from workbench.core.errors import DataError, FeatureError
from workbench.core.facts import DataFacts
from workbench.core.project import Graph, Project
from workbench.core.reconstruction import TASK
from workbench.core.storage import ProjectFolder
from workbench.core.structure_outputs import head_repairs
from workbench.core.wiring import output_bindings

FLAG = "--add-target"


@dataclass(frozen=True)
class Predicts:
    """targets: all that the project predicts now, in their order. notes: what was added to the model for the new ones,
    or that nothing could be."""

    project: Project
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()


def add_targets(home: ProjectFolder, project: Project, names: Sequence[str]) -> Predicts:
    """Make these columns targets beside those there are, give the model an Output for each, and save.

    Raises:
        WorkbenchError: the data has no such columns, or they cannot be targets; the project stays as it was.
    """
    staged = pipeline.stage(project, home=home)
    if not isinstance(staged.cleaned, Cleaned):
        raise DataError("Only tables have several targets.", where=FLAG, remedy="Leave it out.")
    if project.features.task == TASK:
        raise FeatureError(
            "An autoencoder rebuilds its input and has no targets.", where=FLAG, remedy="Make a new project for them."
        )
    columns = [str(name) for name in staged.cleaned.frame.columns]
    roles = {c.name: c.role for c in staged.features.columns}
    for name in dict.fromkeys(names):
        if name not in columns:
            alike = [c for c in columns if c.casefold() == name.casefold()]
            more = f" and {len(columns) - 20} more" if len(columns) > 20 else ""
            remedy = f'Did you mean "{alike[0]}"?' if alike else f"The columns are: {', '.join(columns[:20])}{more}."
            raise DataError(f'There is no column "{name}".', where=FLAG, remedy=remedy)
        if roles.get(name) == "target":
            raise FeatureError(f'"{name}" is a target already.', where=FLAG, remedy="Leave it out.")
        if roles.get(name) == "weight":
            raise FeatureError(f'"{name}" cannot be both a target and the weight of a row.', where=FLAG)
    changed = edits.add_targets(names, staged.features.columns)(project)
    facts, _ = pipeline.facts_of(pipeline.staged_again(staged, changed))
    graph, notes = _with_heads(changed.graph, facts)
    changed = replace(changed, graph=graph, data=staged.project.data)
    home.save(changed)
    return Predicts(changed, tuple(t.name for t in facts.targets), notes)


def _with_heads(graph: Graph, facts: DataFacts) -> tuple[Graph, tuple[str, ...]]:
    """The graph with an Output for every target. A project without a model gets one when it is trained."""
    notes: list[str] = []
    for target in facts.targets if graph.nodes else ():
        if target.name in output_bindings(graph, facts).values():
            continue
        ends = [n for n in graph.nodes if n.kind == "Output"]
        repairs = head_repairs(graph, ends, target)
        if repairs and repairs[0].graph is not None:
            graph = repairs[0].graph
            notes.append(f"The model was changed: {repairs[0].title}.")
        else:
            notes.append(f'The model has no place for an Output that predicts "{target.name}": add it in the window.')
    return graph, tuple(notes)
