"""A project on disk: a folder with project.json and runs/, written atomically.

Format: project.json holds {"format": "workbench-project", "version": N, "project": {...}}. Older versions are
migrated on load, newer ones refused in plain words.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from .codec import decode, encode
from .errors import ProjectError
from .migrations import VERSION, migrate
from .project import DataSpec, Json, Project

FORMAT = "workbench-project"
PROJECT_FILE = "project.json"
NOT_COPIED = ("events.live", "asked.jsonl", "trains.lock")
"""Of a run that trains (link.journal, link.asked, link.sole): nobody trains its copy."""


@contextmanager
def replacing(path: Path, *, sync: bool = True) -> Iterator[Path]:
    """Gives a new place in the same folder to write to; what was written takes the place of `path` at the end of the
    `with`, or is dropped when that raises. So a reader or a crash sees the old file or the whole new one.

    sync: wait until it is on the disk (fsync of the file, and of the folder after the rename). Raises OSError, also
    where a device or a pipe is, which a file would take the place of.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "This is a device or a pipe, and no file", str(path))
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        if sync:
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if sync:
        _sync_folder(path.parent)


def atomic_write(path: Path, data: bytes) -> None:
    """Write so that a reader, a crash or a full disk sees either the old file or the whole new one.

    Raises:
        ProjectError: the folder cannot be written; the old file is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise ProjectError(
            f"The file could not be written ({error.strerror or error}).",
            where=str(path),
            remedy="Choose another folder, or free some space; nothing that was there has been changed.",
        ) from error


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows has no handle of a folder to sync
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json(path: Path) -> Json:
    """The JSON in `path`. Raises ProjectError naming the file when it is absent or not JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ProjectError("There is no such file.", where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"The file cannot be read ({error}).", where=str(path)) from error
    except ValueError as error:
        raise ProjectError(
            f"The file is not valid JSON ({error}).", where=str(path), remedy="It may be damaged; try an earlier copy."
        ) from error


def encode_project(project: Project) -> bytes:
    body = {"format": FORMAT, "version": VERSION, "project": encode(project)}
    text = json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # the name of a file need not be text: its odd bytes survive as escapes
        return (json.dumps(body, indent=1, allow_nan=False) + "\n").encode()


def decode_project(raw: Json, where: str) -> Project:
    """Raises ProjectError for another format, a newer version or a value that does not fit."""
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ProjectError(
            "This is not a workbench project.", where=where, remedy="Open a folder that holds project.json."
        )
    version = raw.get("version")
    if not isinstance(version, int) or version < 1:
        raise ProjectError("The project names no version.", where=where)
    if version > VERSION:
        raise ProjectError(
            f"The project was saved by a newer workbench (format {version}; this one reads up to {VERSION}).",
            where=where,
            remedy="Update the workbench and open it again; the project was not changed.",
        )
    if not isinstance(raw.get("project"), dict):
        raise ProjectError("The project is incomplete.", where=where, remedy="It may be damaged; try an earlier copy.")
    return decode(Project, migrate(raw["project"], version), "project")


class ProjectFolder:
    """The folder of one project. Cheap to make; touches the disk only when asked.

    path: absolute. draft: True while it lives among the drafts because the person chose no place yet.
    """

    def __init__(self, path: Path, *, draft: bool = False) -> None:
        self.path = path.absolute()
        self.draft = draft

    @classmethod
    def new_draft(cls, drafts: Path) -> ProjectFolder:
        """A fresh folder name among the drafts; made on first save."""
        return cls(drafts / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}", draft=True)

    @property
    def project_file(self) -> Path:
        return self.path / PROJECT_FILE

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def data(self) -> Path:
        """Pasted cells are kept here."""
        return self.path / "data"

    def exists(self) -> bool:
        return self.project_file.is_file()

    def located(self, spec: DataSpec) -> DataSpec:
        """The spec with the path of pasted cells, which is kept relative to this folder, made absolute."""
        if spec.source == "pasted" and spec.path:
            return replace(spec, path=str(self.path / spec.path))
        return spec

    def save(self, project: Project) -> None:
        """Raises ProjectError when the folder cannot be written; what was there stays."""
        atomic_write(self.project_file, encode_project(project))

    def load(self) -> Project:
        """Raises ProjectError when it is no project, damaged, or newer than this program."""
        if not self.project_file.is_file():
            raise ProjectError(
                "There is no project in this folder.",
                where=str(self.path),
                remedy="Choose the folder that holds project.json, or start a new project.",
            )
        return decode_project(read_json(self.project_file), str(self.project_file))

    def move_to(self, target: Path) -> ProjectFolder:
        """Move a draft, runs included, to the place the person chose. A copy is complete before the draft goes.

        Raises:
            ProjectError: the target holds other files, or cannot be written; the draft stays.
        """
        target = target.absolute()
        if target == self.path:
            return self
        self.copy_to(target)
        if self.draft:
            shutil.rmtree(self.path, ignore_errors=True)
        return ProjectFolder(target)

    def copy_to(self, target: Path) -> ProjectFolder:
        """Copy everything to `target`, which must be absent or an empty folder. Raises ProjectError."""
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ProjectError(
                "This place is not empty.",
                where=str(target),
                remedy="Choose a new name, so that nothing is overwritten.",
            )
        staging = target.with_name(f".{target.name}.{uuid.uuid4().hex[:6]}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_dir():
                shutil.copytree(self.path, staging, ignore=shutil.ignore_patterns(*NOT_COPIED))
            else:
                staging.mkdir()
            if target.is_dir():
                target.rmdir()
            os.replace(staging, target)
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            raise ProjectError(
                f"The project could not be saved there ({error.strerror or error}).",
                where=str(target),
                remedy="Choose another folder; the project is kept where it was.",
            ) from error
        return ProjectFolder(target)
