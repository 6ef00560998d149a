"""Scores of a run on a part, from the model's answers and the truth, decided without Qt and in the person's units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.core import metrics
from workbench.core.data.answer import Answer
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.targets import each_target, own_answers


@dataclass(frozen=True)
class Score:
    """One figure beside that of the best constant answer. text, baseline: ready to show. better: than the baseline."""

    name: str
    text: str
    baseline: str
    better: bool
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Results:
    """What the model made of a part.

    truth: int (n,) class indices, or float (n,) in the person's units. answer: the model's, n rows.
    rows: int64 (n,) source rows or picture numbers. matrix: int (classes, classes), rows true, columns answered;
    None for regression. constant: the best constant answer in words. errors: float64 (n,) of each row where the input
    is rebuilt, which are the truth and the values of the answer as well; None otherwise.
    """

    answer: Answer
    truth: np.ndarray
    rows: np.ndarray
    scores: tuple[Score, ...]
    constant: str
    matrix: np.ndarray | None = None
    errors: np.ndarray | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        return self.answer.classes

    def samples(self, true: int, answered: int) -> np.ndarray:
        """Positions in the part with that truth and that answer, the surest first."""
        assert self.answer.indices is not None
        assert self.answer.probabilities is not None
        found = np.flatnonzero((self.truth == true) & (self.answer.indices == answered))
        return found[np.argsort(-self.answer.probabilities[found, answered], kind="stable")]

    def confusions(self, limit: int = 3) -> list[tuple[int, int, int]]:
        """The commonest mistakes: (true, answered, how many)."""
        if self.matrix is None:
            return []
        off = self.matrix.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(off, axis=None)[::-1][:limit]
        pairs = [divmod(int(i), len(off)) for i in order]
        return [(t, a, int(off[t, a])) for t, a in pairs if off[t, a] > 0]


def judge_each(
    preprocessor: Preprocessor, y: np.ndarray, truth: np.ndarray, rows: np.ndarray, train: np.ndarray
) -> tuple[Results, ...]:
    """`judge` for every target in their order; the arrays as the engine and `Part.y` have them."""
    parts = zip(own_answers(preprocessor, y), preprocessor.truths(truth), preprocessor.truths(train), strict=True)
    return tuple(
        judge(one, own, np.asarray(known), rows, np.asarray(learnt))
        for one, (own, known, learnt) in zip(each_target(preprocessor), parts, strict=True)
    )


def judge(preprocessor: Preprocessor, y: np.ndarray, truth: np.ndarray, rows: np.ndarray, train: np.ndarray) -> Results:
    """Compare the model's answers with the truth.

    Args:
        y: (n, units) as the model answers. truth: y as prepared, int32 (n,) or float32 (n, 1), scaled.
        train: the training part's y, from which the constant answer is taken.
    """
    answer = preprocessor.decode(y)
    target = preprocessor.target
    assert target is not None  # a run has a target
    base = metrics.baseline(target, train, truth)
    if answer.values is None:
        return _classes(answer, np.asarray(truth).reshape(-1), rows, np.asarray(train).reshape(-1), base)
    return _numbers(answer, preprocessor.unscale(np.asarray(truth)).reshape(-1), rows, base)


def _classes(answer: Answer, truth: np.ndarray, rows: np.ndarray, train: np.ndarray, base: metrics.Baseline) -> Results:
    assert answer.indices is not None
    assert answer.probabilities is not None
    count = len(answer.classes)
    matrix = metrics.confusion(truth, answer.indices, count)
    right = float((answer.indices == truth).mean()) if len(truth) else float("nan")
    seen = [s.recall for s in metrics.per_class(matrix, answer.classes) if s.support]
    balanced = float(np.mean(seen)) if seen else float("nan")
    share = np.clip(answer.probabilities[np.arange(len(truth)), truth], 1e-7, 1.0) if len(truth) else np.ones(1)
    surprise = float(-np.log(share).mean())
    prior = (np.bincount(train, minlength=count) + 1e-9) / max(len(train), 1)
    plain = float(-np.log(np.clip(prior[truth], 1e-7, 1.0)).mean()) if len(truth) else float("nan")
    even = 1 / max(len(seen), 1)
    scores = (
        Score("accuracy", _percent(right), _percent(base.value), right > base.value, "Share of right answers."),
        Score(
            "balanced accuracy",
            _percent(balanced),
            _percent(even),
            balanced > even,
            "The share of right answers of each class, averaged: small classes count as much as large ones.",
        ),
        Score(
            "cross-entropy",
            f"{surprise:.3f}",
            f"{plain:.3f}",
            surprise < plain,
            "How surprised the model is by the truth (natural logarithm): sure and wrong costs most. Lower is better. "
            "The baseline gives each class the share it has in the training rows.",
        ),
    )
    return Results(answer, truth, rows, scores, _lower(base.text), matrix)


def _numbers(answer: Answer, truth: np.ndarray, rows: np.ndarray, base: metrics.Baseline) -> Results:
    assert answer.values is not None
    found = metrics.regression_errors(truth, answer.values)
    scores = (
        Score("mean absolute error", short(found.mae), short(base.value), found.mae < base.value, "How far off it is."),
        Score(
            "root mean squared error",
            short(found.rmse),
            short(base.rmse),
            found.rmse < base.rmse,
            "How far off it is, large errors counting more.",
        ),
        Score(
            "R²",
            f"{found.r2:.3f}" if np.isfinite(found.r2) else "–",
            "0",
            found.r2 > 0,
            "Share of the target's variance that is explained; 1 is perfect.",
        ),
    )
    return Results(answer, truth, rows, scores, _lower(base.text))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def short(value: float) -> str:
    """Four significant digits."""
    if not np.isfinite(value):
        return "no number"
    if value == 0:
        return "0"
    if abs(value) >= 1e7 or abs(value) < 1e-4:
        return f"{value:.3e}"
    digits = max(0, 3 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if np.isfinite(share) else "–"
