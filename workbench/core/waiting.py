"""Runs that wait for others, kept beside the runs so that they outlive the program: runs/waiting.json.

The file holds {"format": "workbench-waiting", "version": 1, "projects": [...], "runs": [...]}; a run names its project
by its place in the list, as the folds of a cross-validation share one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import ProjectError
from .project import Json, Project
from .runs import Start
from .storage import atomic_write, decode_project, encode_project, read_json

FILE = "waiting.json"
FORMAT = "workbench-waiting"


@dataclass(frozen=True)
class Waiting:
    """A run to be. project: with its features filled in. start: weights to begin with. group, fold: of a
    cross-validation."""

    project: Project
    name: str = ""
    start: Start | None = None
    group: str = ""
    fold: int = 0


def write_waiting(runs: Path, waiting: Sequence[Waiting]) -> None:
    """Keep them, the next first; none: the file goes. Raises ProjectError when it cannot be written."""
    path = runs / FILE
    if not waiting:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            what = f"What waits could not be forgotten ({error.strerror or error})."
            raise ProjectError(what, where=str(path)) from error
        return
    projects: list[Json] = []
    places: dict[bytes, int] = {}
    told: list[Json] = []
    for one in waiting:
        text = encode_project(_with_fold(one.project, 0) if one.fold else one.project)
        if text not in places:
            places[text] = len(projects)
            projects.append(json.loads(text))
        start = [one.start.folder.name, one.start.which] if one.start else None
        told.append({"project": places[text], "name": one.name, "start": start, "group": one.group, "fold": one.fold})
    body = {"format": FORMAT, "version": 1, "projects": projects, "runs": told}
    atomic_write(path, json.dumps(body).encode())


def read_waiting(runs: Path) -> tuple[Waiting, ...]:
    """Those that wait, the next first; empty where none do.

    Raises:
        ProjectError: the file is damaged, or of a newer program.
    """
    path = runs / FILE
    if not path.is_file():
        return ()
    raw = read_json(path)
    where = f"{runs.name}/{FILE}"
    if not isinstance(raw, dict) or raw.get("format") != FORMAT or raw.get("version") != 1:
        raise ProjectError("The list of the runs that wait is of another program.", where=where)
    try:
        projects = [decode_project(one, f"{where}: project {i}") for i, one in enumerate(raw["projects"])]
        return tuple(_waiting(one, projects, runs) for one in raw["runs"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ProjectError("The list of the runs that wait is damaged.", where=where) from error


def _waiting(raw: Json, projects: Sequence[Project], runs: Path) -> Waiting:
    project, fold, start = projects[int(raw["project"])], int(raw["fold"]), raw["start"]
    if fold:
        project = _with_fold(project, fold)
    begins = Start(runs / Path(str(start[0])).name, str(start[1])) if start else None
    return Waiting(project, str(raw["name"]), begins, str(raw["group"]), fold)


def _with_fold(project: Project, fold: int) -> Project:
    split = project.features.split
    if split is None:
        return project
    return replace(project, features=replace(project.features, split=replace(split, fold=fold)))
