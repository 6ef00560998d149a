"""Real tables, from the file to a proposed model without one fix by hand; fitted as scikit-learn fits the same rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

from workbench import headless
from workbench.core.data import pipeline
from workbench.core.data.audit import audit
from workbench.core.data.fit_words import WORDS
from workbench.core.data.planning import make_plan
from workbench.core.data.sources import guess_source
from workbench.core.data.suggest import suggest
from workbench.core.data.words import words_in
from workbench.core.project import Project

SETS = {
    "titanic/train.csv": ("Survived", "classification", {"Sex", "Age", "Pclass", "Fare", "Embarked"}),
    "tabular/adult-train.csv": ("column 15", "classification", {f"column {i}" for i in range(1, 15)}),
    "tabular/california_housing.csv": ("median_house_value", "regression", {"ocean_proximity", "median_income"}),
    "tabular/housing.csv": ("column 14", "regression", {f"column {i}" for i in range(1, 14)}),
    "tabular/winequality-red.csv": ("column 12", "classification", {f"column {i}" for i in range(1, 12)}),
    "tabular/winequality-white.csv": ("column 12", "classification", {f"column {i}" for i in range(1, 12)}),
    "text/sms.tsv": ("column 1", "classification", {"column 2"}),
}
SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}


def expected_of(encoder: str, cells: Any, train: np.ndarray, categories: tuple[str, ...]) -> np.ndarray:
    """What scikit-learn makes of a column, fitted on the training rows."""
    if encoder in SCALERS:
        raw = cells.to_numpy(dtype=np.float64, na_value=np.nan)[:, None]
        made = make_pipeline(SimpleImputer(strategy="median"), SCALERS[encoder]())
        return made.fit(raw[train]).transform(raw)
    if encoder == "onehot":
        words = cells.map(lambda v: str(int(v)) if isinstance(v, float) and v.is_integer() else str(v))
        words = words.astype(object).where(cells.notna(), "(missing)").to_numpy()[:, None]
        one = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(words[train])
        order = [str(name) for name in one.categories_[0]]
        last = sorted(range(len(order)), key=lambda i: (order[i] == "(missing)", i))
        return one.transform(words)[:, last]
    assert encoder == "tfidf"
    texts = cells.fillna("").tolist()
    same = {"tokenizer": words_in, "lowercase": False, "token_pattern": None}
    learned = [texts[i] for i in train]
    every = CountVectorizer(**same).fit(learned)
    counts = np.asarray(every.transform(learned).sum(axis=0)).ravel()
    ours = counts[[every.vocabulary_[word] for word in categories]]
    # of words as frequent as each other at the border, scikit-learn keeps others
    assert sorted(ours) == sorted(np.sort(counts)[-WORDS:])
    return TfidfVectorizer(vocabulary=categories, **same).fit(learned).transform(texts).toarray()


@pytest.mark.parametrize("accepted", [False, True], ids=["as read", "suggestions accepted"])
@pytest.mark.parametrize("name", list(SETS))
def test_no_fix_by_hand_is_needed(real_data: Path, name: str, accepted: bool) -> None:
    target, task, inputs = SETS[name]
    project = Project(data=guess_source(real_data / name))
    staged = pipeline.stage(project)
    if accepted:
        found = suggest(staged.cleaned.frame, staged.profile)
        steps = tuple(s.step for s in found if s.step.enabled and s.step.kind != "merge_values")
        staged = pipeline.stage(replace(project, recipe=steps))
        assert [o.error for o in staged.cleaned.outcomes if o.error] == []
    facts, preprocessor = pipeline.facts_of(staged)
    assert (facts.target.name, facts.target.task) == (target, task)
    assert inputs <= {column.name for column in preprocessor.columns}
    proposed, template = headless.with_model(project, facts)
    assert template == "dense"
    assert len(proposed.graph.nodes) > 2

    frame = staged.cleaned.frame
    rows = make_plan(staged.project, staged.dataset, staged.cleaned).rows
    train = np.asarray(rows["train"])
    some = np.unique(np.concatenate([train[:500], rows["validation"][:300], rows["test"][:300]]))
    numbers = preprocessor.transform(frame.iloc[some])
    at = 0
    for column in preprocessor.columns:
        made = numbers[:, at : at + column.width]
        at += column.width
        wanted = expected_of(column.encoder, frame[column.name], train, column.categories)[some]
        np.testing.assert_allclose(made, wanted, rtol=1e-4, atol=1e-5, err_msg=column.name)
    if task == "regression":
        truth = frame[target].to_numpy(dtype=np.float64)[train]
        assert preprocessor.target.offset == pytest.approx(truth.mean())
        assert preprocessor.target.scale == pytest.approx(truth.std())

    # whatever the audit warns of comes with a way out
    findings = audit(frame, staged.features, staged.profile, rows, staged.cleaned.parts)
    assert [f.title for f in findings if f.severity != "info" and not f.remedies] == []
