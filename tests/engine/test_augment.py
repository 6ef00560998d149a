"""Training pictures varied in the compiled loop: reproducible, resumed exactly, on the training part only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import FeatureError
from workbench.core.facts import InputFacts
from workbench.core.project import Augmentation, Features, TrainSpec
from workbench.engine import devices, sweep, training
from workbench.engine.augment import examples, vary
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.encoding import Encoding
from workbench.engine.evaluate import evaluate
from workbench.engine.main import in_process_transport
from workbench.engine.spread import Share
from workbench.link.client import EngineClient
from workbench.link.messages import EpochEnded, Failed, Message, Varied, Vary

from .little_runs import chain, make_run, pictures, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
EVERYTHING = Augmentation(
    enabled=True,
    horizontal=True,
    vertical=True,
    rotate=20,
    shift=0.2,
    zoom=0.2,
    contrast=0.3,
    brightness=0.2,
    noise=0.05,
)
GRAPH = chain(
    ("Flatten", {}), ("Dense", {"units": 8, "activation": "relu"}), ("Dense", {"units": 2, "activation": "softmax"})
)


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def corner(count: int = 64) -> np.ndarray:
    """Black pictures with a bright quarter, the upper left."""
    made = np.zeros((count, 10, 10, 1), np.uint8)
    made[:, :5, :5] = 200
    return made


def corners(made: np.ndarray) -> set[tuple[bool, ...]]:
    """Which of the four corners are bright, in any of the pictures."""
    places = ((0, 0), (0, -1), (-1, 0), (-1, -1))
    return {tuple(bool(p[y, x, 0] > 100) for y, x in places) for p in made}


@pytest.mark.parametrize("also", [{}, {"shift": 1e-9}])  # by reversing, and by the transform
def test_mirrored_pictures_are_whole_and_half_of_them(also: dict[str, float]) -> None:
    made = examples(corner(), Augmentation(enabled=True, horizontal=True, **also), 3)
    assert corners(made) == {(True, False, False, False), (False, True, False, False)}
    assert {int(p.sum()) for p in made} == {25 * 200}
    assert 16 < sum(p[0, 0, 0] > 100 for p in made) < 48
    assert len(corners(examples(corner(), Augmentation(enabled=True, horizontal=True, vertical=True), 3))) == 4


def test_strengths_are_bounds() -> None:
    grey = np.full((256, 6, 6, 1), 100, np.uint8)
    light = examples(grey, Augmentation(enabled=True, brightness=0.2), 1).reshape(256, -1)
    assert (light.min(axis=1) == light.max(axis=1)).all()
    assert 49 <= light.min() < 60
    assert 140 < light.max() <= 151
    noisy = examples(grey, Augmentation(enabled=True, noise=0.1), 1).astype(float)
    assert noisy.std() == pytest.approx(25.5, rel=0.05)
    two = grey.copy()
    two[:, :3] = 160
    spread = np.ptp(examples(two, Augmentation(enabled=True, contrast=0.5), 1).astype(int), axis=(1, 2, 3))
    assert 29 <= spread.min() < 35
    assert 85 < spread.max() <= 91


def test_a_shift_moves_at_most_so_far_and_the_border_is_as_asked() -> None:
    dot = np.zeros((200, 11, 11, 1), np.uint8)
    dot[:, 5, 5] = 255
    moved = examples(dot, Augmentation(enabled=True, shift=0.2), 5)[..., 0].astype(float)
    weight = moved.sum(axis=(1, 2))
    middle = (moved.sum(axis=1) * np.arange(11)).sum(axis=1) / weight
    assert abs(middle - 5).max() <= 0.2 * 11 + 0.05
    assert abs(middle - 5).max() > 1.5
    white = np.full((50, 8, 8, 1), 255, np.uint8)
    assert examples(white, Augmentation(enabled=True, shift=0.4), 5).min() == 255
    assert examples(white, Augmentation(enabled=True, shift=0.4, border="black"), 5).min() == 0
    half = white.copy()
    half[:, :, :4] = 0
    mirrored = examples(half, Augmentation(enabled=True, shift=0.5, border="mirror"), 5)
    assert {0, 255} <= set(np.unique(mirrored[:, 0]))


def test_the_same_seed_and_step_draw_the_same() -> None:
    every = examples(corner(), EVERYTHING, 7)
    np.testing.assert_array_equal(every, examples(corner(), EVERYTHING, 7))
    assert not np.array_equal(every, examples(corner(), EVERYTHING, 8))
    with pytest.raises(FeatureError, match="out of range"):
        examples(corner(), replace(EVERYTHING, rotate=400.0), 0)


def test_what_the_model_sees_stays_in_its_range_and_two_inputs_of_one_picture_agree() -> None:
    facts = InputFacts("image", "image", (10, 10, 1), "uint8", 1 / 127.5, -1.0)
    coding = Encoding((("a", facts), ("b", facts)), "index", 2, True, (), EVERYTHING, 4)
    x, y = coding.x({"image": tf.constant(corner())}), tf.zeros([64], tf.int32)
    made, _ = coding.varied((x, y), tf.constant(11))
    np.testing.assert_array_equal(made["a"], made["b"])
    assert float(tf.reduce_min(made["a"])) >= -1.0
    assert float(tf.reduce_max(made["a"])) <= 1.0
    table = Encoding((("t", InputFacts("t", "table", (3,))),), "index", 2, False, (), EVERYTHING, 4)
    assert table.varied((tf.zeros([2, 3]), y), tf.constant(0))[0].shape == (2, 3)
    assert not table.varies


def test_two_devices_vary_a_batch_as_one_does() -> None:
    pictures, step = tf.constant(corner(), tf.float32), tf.constant(3)
    even = (Share(0, 2, 64, True, None), Share(1, 2, 64, True, None))
    uneven = (Share(0, 20, 64, False, None), Share(20, 64, 64, False, None))
    whole = vary(pictures, EVERYTHING, 1, step, 0.0, 255.0)
    for parts in (even, uneven):
        made = [vary(share.take(pictures), EVERYTHING, 1, step, 0.0, 255.0, share) for share in parts]
        np.testing.assert_allclose(tf.concat(made, 0), whole, atol=1e-3)


def picture_run(folder: Path, augment: Augmentation, epochs: int = 3, rows: int = 90, compiler: str = "auto") -> Path:
    settings = TrainSpec(epochs=epochs, seed=5, loss="sparse_categorical_crossentropy", compiler=compiler)
    parts = {"train": pictures(rows), "validation": pictures(40, 1), "test": pictures(30, 2)}
    features = Features(augment=augment)
    return make_run(folder, GRAPH, settings, parts, classes=("l", "r"), scale=1 / 255, features=features)


def trained(folder: Path, **options: object) -> list[EpochEnded]:
    said: list[Message] = []
    train_run(folder, said.append, **options)
    return [m for m in said if isinstance(m, EpochEnded)]


@pytest.mark.parametrize(("streamed", "small"), [(False, False), (True, False), (False, True)])
def test_a_run_left_anywhere_sees_the_same_pictures(
    tmp_path: Path, streamed: bool, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small:
        monkeypatch.setattr(sweep, "suits", lambda *_: False)
    whole, left = picture_run(tmp_path, EVERYTHING), picture_run(tmp_path, EVERYTHING, 1 if small else 3)
    trained(whole, streamed=streamed)
    control, took = RunControl(), training.Training._stepped

    def stepped(self: training.Training, values: np.ndarray, seconds: float) -> None:
        took(self, values, seconds)
        self._pace.steps = 1
        control.end("shutdown")

    if small:
        trained(left, streamed=streamed)
        runs.update_run(left, epochs=3)
    else:
        with monkeypatch.context() as patched:
            patched.setattr(training.Training, "_stepped", stepped)
            trained(left, streamed=streamed, control=control)
    trained(left, streamed=streamed, resume=True)
    for a, b in zip(load_weights(whole, "last"), load_weights(left, "last"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_differs_and_scores_do_not_vary_and_xla_that_was_asked_for_is_told(tmp_path: Path) -> None:
    off = picture_run(tmp_path, replace(EVERYTHING, enabled=False), 1)
    without = trained(off)
    varied = picture_run(tmp_path, EVERYTHING, 1, compiler="on")
    logs = trained(varied)
    record = runs.read_run(varied)
    assert (record.mode, record.remarks) == (
        "compiled loop",
        ("XLA is not used, as it knows no way to vary pictures.",),
    )
    assert without[0].logs["loss"] != logs[0].logs["loss"]
    first, second = (evaluate(varied, "test", "", RunControl()) for _ in range(2))
    np.testing.assert_array_equal(first.y, second.y)


def test_the_engine_shows_what_training_sees_and_says_what_does_not_fit() -> None:
    client = EngineClient(in_process_transport)
    client.start()
    try:
        answer = client.call(Vary(corner(9), EVERYTHING, 2), 60)
        assert isinstance(answer, Varied)
        np.testing.assert_array_equal(answer.pictures, examples(corner(9), EVERYTHING, 2))
        assert 0 < answer.seconds < 1
        refused = client.call(Vary(corner(9), replace(EVERYTHING, shift=3.0), 2), 60)
        assert isinstance(refused, Failed)
        assert "out of range" in refused.what
    finally:
        client.stop()
