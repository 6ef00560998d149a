"""Looks at every picture once after opening, in the background: the gallery and the model do not wait for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.core.errors import WorkbenchError

from .jobs import Jobs

if TYPE_CHECKING:
    from workbench.core.data.dataset import ImageData
    from workbench.core.data.picture_recipe import CleanedPictures
    from workbench.core.data.profile import ImageProfile
    from workbench.core.data.suggest import Suggestion


class PictureWatch(QObject):
    """looking: share done and a line for people, None when nothing is under way. UI thread.

    Signals: changed(): how far it is. seen(ImageData): all of it has been looked at.
    """

    changed = Signal()
    seen = Signal(object)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.looking: tuple[float, str] | None = None
        self._seen: ImageData | None = None

    def has_seen(self, dataset: object) -> bool:
        """Whether all of these pictures have been looked at."""
        return self._seen is not None and self._seen is dataset

    def start(self, dataset: ImageData) -> None:
        """Look at these pictures; those looked at before are given up."""
        self._tell((0.0, "Looking at the pictures"))
        self._jobs.run(
            self,
            "look",
            lambda progress, cancelled: _look(dataset, progress, cancelled),
            lambda _: self._done(dataset),
            self._failed,
            lambda share, text: self._tell((share, text)),
        )

    def stop(self) -> None:
        """Whatever was being looked at is of no interest any more."""
        self._jobs.cancel(self)
        self._seen = None
        if self.looking is not None:
            self._tell(None)

    def tell(self, cleaned: CleanedPictures, profile: ImageProfile, on_done: Any) -> None:
        """Work out what was seen in the pictures that a recipe leaves: on_done(profile, suggestions)."""
        self._jobs.run(self, "tell", lambda p, c: seen_in(cleaned, profile), lambda made: on_done(*made), self._failed)

    def _done(self, dataset: ImageData) -> None:
        self._seen = dataset
        self._tell(None)
        self.seen.emit(dataset)

    def _failed(self, error: WorkbenchError) -> None:
        self._tell(None)
        self._jobs.failed.emit(error)

    def _tell(self, looking: tuple[float, str] | None) -> None:
        self.looking = looking
        self.changed.emit()


def clean(
    dataset: ImageData, steps: tuple[Any, ...], progress: Any, cancelled: Any
) -> tuple[CleanedPictures, ImageProfile, tuple[Suggestion, ...]]:
    """The recipe's result, with what is known of the pictures by now. On a job's thread."""
    from workbench.core.data.picture_recipe import clean_pictures
    from workbench.core.data.profile import profile_images

    cleaned = clean_pictures(dataset, steps, progress, cancelled)
    return cleaned, *seen_in(cleaned, profile_images(cleaned.data))


def seen_in(cleaned: CleanedPictures, profile: ImageProfile) -> tuple[ImageProfile, tuple[Suggestion, ...]]:
    """The profile with what was seen, and what it suggests; as it was while nobody has looked yet."""
    from workbench.core.data.picture_looks import known_looks
    from workbench.core.data.suggest_pictures import picture_look, suggest_pictures

    looks = known_looks(cleaned.data)
    if looks is None:
        return profile, ()
    return replace(profile, look=picture_look(cleaned.data, looks)), suggest_pictures(cleaned.data, looks)


def _look(dataset: ImageData, progress: Any, cancelled: Any) -> None:
    from workbench.core.data.picture_looks import looks_of
    from workbench.core.data.picture_twins import near_groups_of

    near_groups_of(looks_of(dataset, progress, cancelled))
