"""Nine varied pictures, made by the engine with the very function that training uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from workbench.core import augmentation
from workbench.core.project import Augmentation
from workbench.link.messages import Failed, Message, Varied, Vary
from workbench.ui.features.augment_panel import NINE, AugmentPanel


class AugmentPreview(QObject):
    """Asks whenever settings or pictures change; only the newest question waits. UI thread."""

    def __init__(self, session: Any, panel: AugmentPanel) -> None:
        super().__init__(panel)
        self._session, self._panel = session, panel
        self._pictures: tuple[np.ndarray, ...] = ()
        self._augment = Augmentation()
        self._turn = 0
        self._asked: tuple[Any, ...] = ()
        panel.another_asked.connect(self._on_another)
        session.engine_changed.connect(self._ask)

    def show_pictures(self, pictures: Sequence[np.ndarray]) -> None:
        """Training pictures as prepared, uint8 (height, width, channels)."""
        if [id(p) for p in pictures] != [id(p) for p in self._pictures]:
            self._pictures = tuple(pictures)
            self._asked = ()
            self._ask()

    def show_augment(self, augment: Augmentation) -> None:
        self._augment = augment
        self._ask()

    def _on_another(self) -> None:
        self._turn += 1
        self._ask()

    def _ask(self) -> None:
        panel = self._panel
        if not augmentation.active(self._augment):
            panel.show_cost(0.0, 0)
        if not self._pictures or not self._augment.enabled:
            panel.preview.show_before(None)
            panel.preview.show_after((), "" if self._pictures else "The pictures are being prepared…")
            self._asked = ()
            return
        picture = self._pictures[self._turn % len(self._pictures)]
        panel.preview.show_before(picture)
        if not augmentation.active(self._augment):
            panel.preview.show_after((), "Nothing is varied yet: choose what may change.")
            self._asked = ()
            return
        if self._session.engine.state != "ready":
            panel.preview.show_after((), "The engine, which makes these pictures, is starting…")
            self._asked = ()
            return
        asked = (self._augment, self._turn, id(picture))
        if asked == self._asked:
            return
        self._asked = asked
        message = Vary(np.repeat(picture[None], NINE, axis=0), self._augment, self._turn)
        self._session.client.ask_newest("augment", message, lambda answer: self._on_answer(asked, answer))

    def _on_answer(self, asked: tuple[Any, ...], answer: Message) -> None:
        if asked != self._asked:
            return
        if isinstance(answer, Varied):
            self._panel.preview.show_after(tuple(answer.pictures))
            facts = self._session.facts
            self._panel.show_cost(answer.seconds, facts.rows.get("train", 0) if facts is not None else 0)
        elif isinstance(answer, Failed) and not answer.cancelled:
            self._asked = ()
            self._panel.preview.show_after((), answer.what)
