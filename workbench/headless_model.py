"""`workbench new --model FILE` and `--template resnet50`: a model file, or a known network, as the project's model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core import applications, edits
from workbench.core.data import pipeline
from workbench.core.edits_graph import accept
from workbench.core.edits_weights import bring_in
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts
from workbench.core.importing.fitted import wanted_picture
from workbench.core.project import Project
from workbench.core.proposal import propose_training
from workbench.core.storage import ProjectFolder
from workbench.headless_engine import Engine, Say, open_engine
from workbench.link import messages as m

REPAIRS = 3
"""At most so many of the engine's repairs are made for the model to fit the data, such as its number of classes."""


@dataclass(frozen=True)
class Brought:
    """said: what came in, in one line. notes: what is not as it was in the file, and what keeps it from training."""

    project: Project
    said: str
    notes: tuple[str, ...]


def bring_model(home: ProjectFolder, file: str, say: Say | None = None) -> Brought:
    """Put the model of a file in place of the project's, its weights beside it; pictures are prepared at its size.

    Raises:
        WorkbenchError: the file is no model, is damaged or refused; the project stays as it was.
    """
    project = home.load()
    with open_engine() as engine:
        path = str(Path(file).expanduser().absolute())
        found = engine.ask(m.ImportModel(path, str(home.path / "weights")), m.ModelImported, say)
        notes = list(found.notes)
        picture = wanted_picture(found.graph, project.features.image)
        facts = facts_of(home, project)
        if picture is not None and facts is not None and facts.kind == "images" and picture != project.features.image:
            project = edits.set_image(picture)(project)
            facts = facts_of(home, project)
            notes.append(f"Pictures are prepared at {picture.height} × {picture.width}, as the model takes them.")
        return _kept(engine, home, project, found, facts, notes)


def bring_network(home: ProjectFolder, name: str, weights: str = "", say: Say | None = None) -> Brought:
    """Put a network of keras.applications in place of the project's model. weights: a file of them; "": those Keras has
    downloaded before, else it starts from random ones.

    Raises:
        WorkbenchError: there is no such network, the data has no pictures, or the file does not fit.
    """
    project = home.load()
    facts = facts_of(home, project)
    if reason := applications.why_not(facts):
        raise GraphError(reason, where=name)
    assert facts is not None
    with open_engine() as engine:
        file = str(Path(weights).expanduser().absolute()) if weights else ""
        message = m.MakeNetwork(name, facts, str(home.path / "weights"), file)
        found = engine.ask(message, m.ModelImported, say)
        return _kept(engine, home, project, found, facts, list(found.notes))


def _kept(
    engine: Engine,
    home: ProjectFolder,
    project: Project,
    found: m.ModelImported,
    facts: DataFacts | None,
    notes: list[str],
) -> Brought:
    project = bring_in(found.graph, "", facts)(project)
    if facts is not None:
        project = replace(project, train=propose_training("cnn", facts, project.train))
    known = engine.ask(m.CheckGraph(project.graph, facts, project.train), m.GraphChecked).facts
    for _ in range(REPAIRS if facts is not None else 0):  # nobody is there to press the button
        wrong = next((p for p in known.problems if p.severity == "error" and p.node not in found.unknown), None)
        if wrong is None or not wrong.repairs:
            break
        project = accept(wrong.repairs[0])(project)
        notes.append(f"{wrong.message} Done: {wrong.repairs[0].title}.")
        known = engine.ask(m.CheckGraph(project.graph, facts, project.train), m.GraphChecked).facts
    home.save(project)
    names = {n.id: n.name for n in project.graph.nodes}
    for problem in known.problems[:5]:
        remedy = f" To mend it: {problem.repairs[0].title}." if problem.repairs else ""
        where = f"{names[problem.node]}: " if problem.node in names else ""
        notes.append(f"{where}{problem.message}{remedy}")
    weights = f", {found.with_weights} with weights" if found.with_weights else ", from random weights"
    said = f"{found.source}: {found.layers} layers{weights}"
    return Brought(project, said, tuple(notes))


def facts_of(home: ProjectFolder, project: Project) -> DataFacts | None:
    """Shapes and counts of the project's data; None without any."""
    if project.data is None:
        return None
    return pipeline.facts_of(pipeline.stage(project, home=home))[0]
