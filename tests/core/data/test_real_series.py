"""What is fitted on real series is what scikit-learn fits on the steps of the training windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.preprocessing import StandardScaler

from workbench.core.data.planning import make_plan
from workbench.core.data.sources import guess_source, load
from workbench.core.project import Project


def test_the_channels_of_the_wrist_are_scaled_by_training_steps_alone(real_data: Path) -> None:
    spec = guess_source(real_data / "har-wrist-accelerometer")
    data = load(spec)
    plan = make_plan(Project(data=spec), data, None)
    fitted = plan.preprocessor.sequence
    cuts, train = plan.series.cuts, plan.rows["train"]
    covered = np.zeros(len(data.values), bool)
    for series, start in zip(cuts.series[train], cuts.starts[train], strict=True):
        first = data.starts[series]
        covered[first + max(0, start) : first + start + fitted.feature.length] = True
    scaler = StandardScaler().fit(data.values[covered].astype(float))
    np.testing.assert_allclose(fitted.offset, scaler.mean_, rtol=1e-9)
    np.testing.assert_allclose(fitted.scale, scaler.scale_, rtol=1e-9)
