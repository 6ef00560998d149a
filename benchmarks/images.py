"""60,000 pictures in the gallery: opened and scrolled, beside a plain QListWidget of as many icons."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .common import Result, child, percentile, seconds

COUNT = 60_000
FRAMES = 200


def measure(count: int = COUNT) -> Result:
    """figure: 95th percentile of a frame while scrolling, milliseconds."""
    details = child("benchmarks.images", str(count))
    return Result("images", details["frame_p95_ms"], "ms a frame, p95", details)


def main(count: int, frames: int = FRAMES) -> dict[str, Any]:
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QIcon, QPixmap
    from PySide6.QtWidgets import QAbstractScrollArea, QListWidget, QListWidgetItem

    from workbench.core.data.dataset import ImageData, LoadReport
    from workbench.core.data.picture_looks import looks_of
    from workbench.core.data.picture_recipe import clean_pictures
    from workbench.core.data.picture_twins import near_groups
    from workbench.core.project import Step
    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.data.gallery import Gallery
    from workbench.ui.jobs import Jobs
    from workbench.ui.widgets.images import to_qimage

    app = make_application([])
    theme.apply(app, "light")
    rng = np.random.default_rng(0)
    array = rng.integers(0, 256, (count, 28, 28, 1), np.uint8)
    labels = rng.integers(0, 10, count).astype(np.int32)
    names = tuple(str(i) for i in range(10))
    data = ImageData(names, labels, np.zeros(count, np.uint8), LoadReport(None, count), array)

    def opened(view: QAbstractScrollArea, fill: Callable[[], None]) -> tuple[float, list[float]]:
        """Seconds until it is filled and painted, and milliseconds of each frame all over it."""
        view.resize(1280, 800)
        view.show()
        app.processEvents()

        def first() -> None:
            fill()
            app.processEvents()
            view.viewport().repaint()

        opening = seconds(first)
        bar = view.verticalScrollBar()
        taken = []
        for number in range(frames):
            begin = time.perf_counter()
            bar.setValue(bar.maximum() * number // frames)
            view.viewport().repaint()
            taken.append(1000 * (time.perf_counter() - begin))
        view.close()
        return opening, taken

    # Brown noise has about the spectrum of photographs; in white noise, which nobody collects, every picture is equally
    # far from every other, and neighbours take ten times as long to find.
    walk = rng.normal(size=(count, 28, 28)).astype(np.float32).cumsum(axis=1).cumsum(axis=2)
    low, high = walk.min(axis=(1, 2), keepdims=True), walk.max(axis=(1, 2), keepdims=True)
    smooth = ((walk - low) / (high - low) * 255).astype(np.uint8)[..., None]
    photos = ImageData(names, labels, np.zeros(count, np.uint8), LoadReport(None, count), smooth)
    looking = seconds(lambda: looks_of(photos))
    grouping = seconds(lambda: near_groups(looks_of(photos)))
    steps = (Step("d", "drop_pictures", {"pictures": ["#1"]}), Step("i", "invert_pictures"))
    cleaning = seconds(lambda: clean_pictures(data, steps))
    jobs = Jobs()
    gallery = Gallery(jobs)
    opening, taken = opened(gallery, lambda: gallery.set_data(data))
    plain = QListWidget()
    plain.setViewMode(QListWidget.ViewMode.IconMode)
    plain.setUniformItemSizes(True)
    plain.setIconSize(QSize(56, 56))

    def fill() -> None:
        for picture in array:
            plain.addItem(QListWidgetItem(QIcon(QPixmap.fromImage(to_qimage(picture))), ""))

    plain_opening, plain_taken = opened(plain, fill)
    jobs.shut_down()
    return {
        "open_ms": round(1000 * opening, 1),
        "frame_p50_ms": round(statistics.median(taken), 2),
        "frame_p95_ms": round(percentile(taken, 95), 2),
        "look_s": round(looking, 2),
        "near_duplicates_s": round(grouping, 2),
        "recipe_ms": round(1000 * cleaning, 1),
        "plain_open_ms": round(1000 * plain_opening, 1),
        "plain_frame_p95_ms": round(percentile(plain_taken, 95), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
