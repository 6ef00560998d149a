"""A run that this program trains, open to those who see its folder: they follow what it tells (link.journal) and ask
things of it (link.asked)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from .asked import Inbox
from .journal import Journal
from .messages import Adjust, Control, Failed, Message, RunStateChanged, WishHeard

Asked = tuple[Control | Adjust, Callable[[Message], None]]
"""What is asked of a run, and who hears the engine's answer."""
OPENING = ("preparing", "tracing")


class Attendance:
    """To be used as a context manager while the run trains. Safe from any thread.

    It begins with the first thing that is told: then the engine has the run for itself (link.sole), and the journal of
    another program that trains it is not written over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._inbox: Inbox | None = None
        self._journal = Journal(folder)

    def __enter__(self) -> Attendance:
        return self

    def __exit__(self, *about: object) -> None:
        if self._inbox is not None:
            self._journal.__exit__(*about)

    def tell(self, event: Message) -> None:
        """Something the engine said of the run."""
        with self._lock:
            if self._inbox is None:
                if isinstance(event, RunStateChanged) and event.state not in OPENING:
                    return  # the answer to a click while another program's engine still has the run
                self._inbox = Inbox(self._folder)
                self._journal.__enter__()
        self._journal.tell(event)

    def wishes(self) -> Iterator[Asked]:
        """What was asked meanwhile, for the engine; to be called often, by one thread."""
        if self._inbox is None:
            return
        self._journal.beat()
        for wish in self._inbox.take():
            if wish.message is None:
                self._journal.tell(WishHeard(self._folder.name, wish.name, wish.why))
            else:
                yield wish.message, self._answered(wish.name)

    def _answered(self, name: str) -> Callable[[Message], None]:
        def heard(answer: Message) -> None:
            why = f"{answer.what} {answer.remedy}".strip() if isinstance(answer, Failed) else ""
            self._journal.tell(WishHeard(self._folder.name, name, why))
            if isinstance(answer, RunStateChanged) and answer.text:
                self._journal.tell(replace(answer, request=0))

        return heard
