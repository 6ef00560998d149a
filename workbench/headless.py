"""The journey without a window: what the commands do, apart from printing.

The same core and the same engine as the window. Scores are in headless_scores, answers in headless_answers, the
engine in headless_engine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench import headless_source
from workbench.core import edits, runs, settings
from workbench.core.data import pipeline
from workbench.core.data.audit_classes import rare_notes
from workbench.core.data.dataset import SeriesData, TableData
from workbench.core.data.picture_looks import looks_of
from workbench.core.data.picture_recipe import CleanedPictures
from workbench.core.data.pipeline import Staged
from workbench.core.data.recipe import Cleaned
from workbench.core.data.suggest import Suggestion, suggest
from workbench.core.data.suggest_pictures import suggest_pictures
from workbench.core.data.text_ways import ALIASES, read_for
from workbench.core.errors import DataError, FeatureError, ProjectError, TrainError
from workbench.core.facts import DataFacts, Problem
from workbench.core.project import ColumnFeature, Project
from workbench.core.proposal import propose_training
from workbench.core.reconstruction import TASK
from workbench.core.runs import RunRecord
from workbench.core.storage import ProjectFolder
from workbench.core.templates import suggest_template, template
from workbench.headless_answers import Answers, check_question, predict
from workbench.headless_engine import Engine, Say, open_engine, quoted
from workbench.headless_scores import Scores, evaluate
from workbench.headless_series import with_wishes
from workbench.link import messages as m

__all__ = ["Answers", "Engine", "Say", "Scores", "check_question", "evaluate", "open_engine", "predict", "quoted"]

# ---- projects ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Created:
    """template: the name of the model's, "" while the data has to be cleaned before it can have one; notes say why."""

    project: Project
    template: str
    notes: tuple[str, ...] = ()


def create(
    folder: Path,
    data: str,
    target: str | Sequence[str] = "",
    task: str = "auto",
    template_name: str = "",
    reading: Mapping[str, Any] | None = None,
) -> Created:
    """A new project on `data` with the features proposed and a fitting model.

    Args:
        target: the column to predict, or several.
        reading: how it is read, see headless_source.find.

    Raises:
        WorkbenchError: the place is taken, the data cannot be read, or target and template do not fit it.
    """
    home = ProjectFolder(folder)
    try:
        taken = home.path.exists() and (not home.path.is_dir() or any(home.path.iterdir()))
    except OSError as error:
        text = f"The project cannot be made here ({error.strerror or error})."
        raise ProjectError(text, where=str(folder)[:200], remedy="Name another folder.") from error
    if taken:
        raise ProjectError("This place is not empty.", where=str(folder), remedy="Name a new folder.")
    targets = tuple(dict.fromkeys([target] if isinstance(target, str) else target)) if target else ()
    if template_name == "autoencoder" and task == "auto":
        task = TASK
    spec = headless_source.find(data, reading or {})
    project = edits.set_task(task)(Project(name=home.path.name, data=spec))
    series = spec.source in ("series", "series_table")
    if series and task == TASK:
        raise DataError(
            "Series cannot be rebuilt yet; tables and pictures can.", where=data, remedy="Leave out --task."
        )
    if series and len(targets) > 1:
        raise DataError("Series have one target.", where="--target", remedy="Name one.")
    if targets and not series:
        project = edits.set_columns(tuple(ColumnFeature(t, "target", "auto") for t in targets))(project)
    weight = str((reading or {}).get("weight") or "")
    if weight:
        project = edits.set_weight(weight)(project)
    staged = pipeline.stage(project)
    if isinstance(staged.dataset, SeriesData):
        project = with_wishes(project, staged.dataset, targets[0] if targets else "", task, reading or {})
        staged = pipeline.staged_again(staged, project)
    else:
        _check_targets(staged, targets, task, data)
    _check_weight(staged, weight, targets, data)
    project = replace(project, data=staged.project.data)
    texts = read_for(template_name, staged.features, staged.profile)
    if texts:
        project = edits.set_columns(texts)(project)
        staged = pipeline.staged_again(staged, project)
    template_name = ALIASES.get(template_name, template_name)
    chosen = tuple(ColumnFeature(c.name, "target", "auto") for c in staged.features.columns if c.role == "target")
    if chosen and not targets:  # the model is made for it, so it must stay the target
        project = edits.set_columns(chosen)(project)
    notes: tuple[str, ...] = tuple(staged.dataset.report.notes)
    left = targets or tuple(c.name for c in chosen)
    if task == TASK and left:
        named = ", ".join(f'"{name}"' for name in left)
        notes += (f"Left out, as what other tasks predict is not rebuilt: {named}.",)
    try:
        facts, _ = pipeline.facts_of(staged)
        project, name = with_model(project, facts, template_name)
    except FeatureError as error:
        if not _cleaning_helps(project):
            raise
        name = ""
        notes += (f"There is no model yet: {error} Cleaning may help: workbench clean {quoted(folder)}",)
    home.save(project)
    return Created(project, name, notes)


def _cleaning_helps(project: Project) -> bool:
    """Whether the data can be trained on once the suggestions are accepted."""
    try:
        pipeline.facts_of(pipeline.stage(_with_suggestions(project, None)[0]))
    except (FeatureError, DataError):
        return False
    return True


def _check_targets(staged: Staged, targets: Sequence[str], task: str, data: str) -> None:
    if not isinstance(staged.dataset, TableData):
        if targets:
            raise DataError(
                "Pictures have no columns; their class is the folder they lie in.",
                where=data,
                remedy="Leave out --target.",
            )
        if task == "regression":
            raise DataError("Pictures are sorted into classes here.", where=data, remedy="Leave out --task.")
        return
    columns = [str(name) for name in staged.dataset.frame.columns]
    if (
        task != TASK
        and not targets
        and len(columns) > 1
        and not any(c.role == "target" for c in staged.features.columns)
    ):
        raise FeatureError(
            "It is not plain which column is to be predicted.",
            where=data,
            remedy=f"Name it with --target; the columns are: {_listed(columns)}. An autoencoder, --task {TASK}, needs "
            "none.",
        )
    for target in (t for t in targets if t not in columns):
        alike = [name for name in columns if name.casefold() == target.casefold()]
        raise DataError(
            f'There is no column "{target}".',
            where=data,
            remedy=f'Did you mean "{alike[0]}"?' if alike else f"The columns are: {_listed(columns)}.",
        )


def _check_weight(staged: Staged, weight: str, targets: Sequence[str], data: str) -> None:
    if not weight:
        return
    if not isinstance(staged.dataset, TableData):
        raise DataError("Only rows of a table have a column of weights.", where=data, remedy="Leave out --weight.")
    if weight in targets:
        raise DataError(f'"{weight}" cannot be both the target and the weight of a row.', where=data)
    columns = [str(name) for name in staged.dataset.frame.columns]
    if weight not in columns:
        raise DataError(
            f'There is no column "{weight}".', where="--weight", remedy=f"The columns are: {_listed(columns)}."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def with_model(project: Project, facts: DataFacts, template_name: str = "") -> tuple[Project, str]:
    """The project with the template (by default the one that suits the data) and settings to train it."""
    name = template_name or suggest_template(facts)
    return replace(project, graph=template(name, facts), train=propose_training(name, facts, project.train)), name


def suggestions(project: Project, home: ProjectFolder | None) -> tuple[Suggestion, ...]:
    """What could be cleaned, ranked; nothing for series. Every picture is decoded once for it."""
    staged = pipeline.stage(project, home=home)
    if isinstance(staged.cleaned, CleanedPictures):
        return suggest_pictures(staged.cleaned.data, looks_of(staged.cleaned.data))
    if staged.cleaned is None:
        return ()
    needed = {c.name for c in staged.features.columns if c.role in ("target", "weight")}
    found = suggest(staged.cleaned.frame, staged.profile)
    return tuple(s for s in found if s.step.kind != "drop_column" or needed.isdisjoint(s.step.params["columns"]))


def accept(home: ProjectFolder, project: Project) -> tuple[Project, tuple[Suggestion, ...]]:
    """Accept suggestions until none is left that adds a step, and save. Returns the project and what was accepted."""
    project, accepted = _with_suggestions(project, home)
    if accepted and not project.graph.nodes:
        try:
            facts, _ = pipeline.facts_of(pipeline.stage(project, home=home))
        except FeatureError:  # said when training is tried
            pass
        else:
            project, _ = with_model(project, facts)
    home.save(project)
    return project, accepted


def _with_suggestions(project: Project, home: ProjectFolder | None) -> tuple[Project, tuple[Suggestion, ...]]:
    accepted: list[Suggestion] = []
    for _ in range(4):  # accepting one may bring another to light
        taken = {(s.kind, repr(dict(s.params))) for s in project.recipe}
        found = suggestions(project, home)
        fresh = [s for s in found if (s.step.kind, repr(dict(s.step.params))) not in taken]
        if not fresh:
            break
        project = edits.add_steps(tuple(s.step for s in fresh))(project)
        accepted += fresh
    return project, tuple(accepted)


# ---- training ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begun:
    """A run that is ready to be trained. resume: from its checkpoint. notes: what a person should know. epochs: to
    train on to in all; 0 for what its record says."""

    folder: Path
    resume: bool = False
    notes: tuple[str, ...] = ()
    epochs: int = 0


def begin_run(
    engine: Engine,
    home: ProjectFolder,
    project: Project,
    name: str = "",
    say: Say | None = None,
    *,
    start: runs.Start | None = None,
    group: str = "",
    fold: int = 0,
    keep: bool = True,
    as_before: bool = False,
) -> Begun:
    """Prepare the arrays and freeze a new run.

    start, group, fold: see runs.create_run. keep: what was found out of the data is saved in the project. as_before:
    only on the data that the project was made on.

    Raises:
        WorkbenchError: in the words of whatever does not fit: the data, a step, the features, a layer, a setting.
    """
    staged = pipeline.stage(project, say, home=home)
    failed = [o for o in staged.cleaned.outcomes if o.error] if staged.cleaned else []
    if failed:
        number = 1 + [s.id for s in project.recipe].index(failed[0].step_id)
        raise TrainError(failed[0].error, where=f"cleaning step {number}")
    _check_kept(project, staged)
    facts, _ = pipeline.facts_of(staged)
    if not project.graph.nodes:
        project, _ = with_model(project, facts)
        staged = replace(staged, project=replace(staged.project, graph=project.graph, train=project.train))
        if keep:
            home.save(project)
    warnings = _check_graph(engine, staged.project, facts)
    prepared = pipeline.materialise(staged, settings.cache_folder(), say)
    notes = (*warnings, *prepared.notes, *rare_notes(prepared, staged.project.features.balance))
    if staged.changed and project.data is not None:
        path = project.data.path
        if as_before:
            raise TrainError("The data has changed since the other folds were trained.", where=path)
        notes = (f"{path}: the data has changed since the project last read it; it is trained as it is now.", *notes)
        if keep:
            home.save(replace(project, data=staged.project.data))
    folder = runs.create_run(
        home.runs,
        staged.project,
        prepared.facts,
        prepared.preprocessor.to_json(),
        prepared.folder,
        " ".join(name.split()),
        start,
        group,
        fold,
    )
    return Begun(folder, False, notes)


def _check_kept(project: Project, staged: Staged) -> None:
    """A target that was chosen must not be lost on the way: another column would silently take its place."""
    if not isinstance(staged.cleaned, Cleaned):
        return
    columns = staged.cleaned.frame.columns
    for target in (c.name for c in project.features.columns if c.role == "target" and c.name not in columns):
        read = isinstance(staged.dataset, TableData) and target in staged.dataset.frame.columns
        remedy = "A cleaning step drops or renames it." if read else "Put back the data the project was made on."
        raise TrainError("The column to predict is not in the table.", where=f'column "{target}"', remedy=remedy)


def _check_graph(engine: Engine, project: Project, facts: DataFacts) -> tuple[str, ...]:
    """The engine's word on the graph. Returns its warnings; raises TrainError for its first error."""
    found = engine.ask(m.CheckGraph(project.graph, facts, project.train), m.GraphChecked).facts
    for problem in found.problems:
        if problem.severity == "error":
            remedy = f"To mend it: {problem.repairs[0].title}." if problem.repairs else ""
            raise TrainError(problem.message, where=_place(project, problem), remedy=remedy)
    return tuple(f"{_place(project, p)}: {p.message}".removeprefix(": ") for p in found.problems)


def _place(project: Project, problem: Problem) -> str:
    if problem.node:
        return next((f'layer "{n.name}"' for n in project.graph.nodes if n.id == problem.node), "")
    return problem.setting or "model"


def interrupted_run(home: ProjectFolder, name: str = "", say: Say | None = None, more: int = 0) -> Begun:
    """The run to resume: the one named, or the newest that is not over. Its arrays are there when this returns.

    more: epochs in all to train on to; then a run that is over is gone on with too, the newest that has fewer.

    Raises:
        TrainError: there is none, or it is over. DataError: its data is gone.
    """
    records = [r for r in runs.list_runs(home.runs) if not name or name in (r.id, r.name)]
    if not records:
        known = f'There is no run "{name}".' if name else "There is no run yet."
        raise TrainError(known, where=str(home.path), remedy="Train without --resume.")
    chosen = next((r for r in reversed(records) if not _over(r) or r.epochs_done < more), None)
    if chosen is None:
        raise TrainError(_over(records[-1]), where=str(home.path), remedy=_instead(records[-1]))
    folder = home.runs / chosen.id
    pipeline.restore(folder, settings.cache_folder(), say)
    resume = (folder / "checkpoint.npz").is_file()
    note = "" if resume else f"{chosen.name} had not reached a checkpoint: it starts at its first epoch."
    return Begun(folder, resume, (note,) if note else (), more)


def _over(record: RunRecord) -> str:
    """Why there is nothing to resume; "" when there is."""
    if record.state == "early_stopped":
        return f"{record.name} was ended by early stopping after epoch {record.epochs_done}: nothing is left to resume."
    unsaved = record.state == "failed"  # when all was trained: it begins anew
    if record.state == "finished" or (record.epochs and record.epochs_done >= record.epochs and not unsaved):
        return f"{record.name} has finished all its {record.epochs} epochs: nothing is left to resume."
    return ""


def _instead(record: RunRecord) -> str:
    return f"Give --epochs with more than {record.epochs_done} to train on, or begin a new run without --resume."


# ---- words ---------------------------------------------------------------------------------------------------


def write_json(value: object) -> str:
    """One line of JSON; what JSON has no number for becomes null."""
    return json.dumps(_finite(value), ensure_ascii=False)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
