"""Whatever one does to the graph, undo leads back through the very same projects and redo forward again."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.core.codec import decode, encode
from workbench.core.document import Document
from workbench.core.errors import WorkbenchError
from workbench.core.project import Project
from workbench.core.wiring import topological_order

from .random_edits import Pick, random_edit, sound


def edited(document: Document, pick: Pick, count: int) -> list[Project]:
    """The projects passed through: one for each undo step, the first before any. Refused edits leave it as it was."""
    passed = [document.project]
    for number in range(count):
        before = document.project
        edit = random_edit(before, pick, f"fresh{number}")
        try:
            document.apply(edit, f"Edit {number}")
        except WorkbenchError:
            same = document.project is before
            assert same, "a refused edit changed the project"
            continue
        if document.project is not before:
            passed.append(document.project)
            assert not sound(document.project.graph)
    return passed


def there_and_back(document: Document, passed: list[Project]) -> None:
    for earlier in reversed(passed[:-1]):
        document.undo()
        same = document.project is earlier  # a project is too long to be printed
        assert same
    assert document.undo_label == ""
    for later in passed[1:]:
        document.redo()
        same = document.project is later
        assert same
    assert document.redo_label == ""


@settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_few_edits_of_any_kind_are_undone_and_redone(data: st.DataObject):
    document = Document(Project())
    passed = edited(document, lambda n: data.draw(st.integers(0, n - 1)), data.draw(st.integers(1, 12)))
    there_and_back(document, passed)


@settings(derandomize=True, max_examples=2, deadline=None)
@given(st.integers(0, 2**32))
def test_a_thousand_edits_are_undone_and_redone_one_by_one(seed: int):
    document = Document(Project(), limit=1000)
    passed = edited(document, random.Random(seed).randrange, 1000)
    assert len(passed) > 500
    there_and_back(document, passed)
    graph = document.project.graph
    same = decode(Project, encode(document.project)) == document.project
    assert same
    # No verb closes a circle: what is refused on the canvas is refused everywhere.
    assert topological_order(graph) is not None
