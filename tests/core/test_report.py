"""The report of a run: one page, every name of a person escaped, every target's scores in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbench.core.facts import TargetFacts
from workbench.core.history import History
from workbench.core.metrics import Baseline
from workbench.core.project import Project
from workbench.core.report import Report, Scored, report_html
from workbench.core.runs import RunRecord
from workbench.core.templates import template

from .graphs import table


def test_several_targets_each_have_their_scores() -> None:
    heat = TargetFacts("<heat>", "classification", ("gas", "oil"))
    rent = TargetFacts("rent", "regression")
    facts = replace(table(3), target=heat, more=(rent,))
    history = History()
    own = {"heat_loss": 0.4, "heat_accuracy": 0.9, "rent_answer_loss": 0.6}
    history.epochs.append({"loss": 1.0, **own, "val_loss": 1.1})
    scored = Scored("test", 10, {"accuracy": 0.9}, Baseline('Always "gas"', "accuracy", 0.5), np.eye(2), "<heat>")
    other = Scored("test", 10, {"mean_absolute_error": 12.0}, Baseline("Always the mean", "mae", 40.0), None, "rent")
    project = Project(name="flats", graph=template("dense", facts))
    record = RunRecord("r", "run 1", outputs={"heat": "<heat>", "rent_answer": "rent"})
    page = report_html(Report(project, record, facts, history, scored, (), (other,)))
    assert "Scores of &lt;heat&gt; on 10 test rows" in page
    assert "Scores of rent on 10 test rows" in page
    assert "Confusion of &lt;heat&gt;" in page
    assert "<heat>" not in page
    assert "Loss of rent" in page
    assert "mean squared error" in page
    titles = ("loss by epoch", "accuracy of &lt;heat&gt; by epoch", "loss of rent by epoch")
    assert [page.index(title) for title in titles] == sorted(page.index(title) for title in titles)
