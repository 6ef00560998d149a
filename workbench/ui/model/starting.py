"""Ready-made models put on the canvas, from the chooser or from what the empty canvas offers. UI thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.ui.model.chooser import Offer, TemplateChooser

if TYPE_CHECKING:
    from workbench.ui.model.page import ModelPage


class Starting:
    """Held by the page, whose verbs it uses."""

    def __init__(self, page: ModelPage) -> None:
        self._page = page

    def choose(self) -> TemplateChooser:
        """Offer the ready-made models that fit the data."""
        page = self._page
        chooser = TemplateChooser(page.session.facts, page)
        chooser.chosen.connect(self.use)
        chooser.network_wanted.connect(lambda: page.session.opener.choose_network(page))
        chooser.open_below(page.start_from)
        return chooser

    def use(self, offer: Offer) -> None:
        """Put a ready-made model on the canvas and the training settings that go with it, as one undoable step."""
        from workbench.core.proposal import start_from

        facts = self._page.session.facts
        assert facts is not None  # there are no offers without
        if offer.task:
            self._use_other_task(offer)
            return
        self._page.verbs.do(start_from(offer.name, offer.graph, facts), f"Start from {offer.title}")

    def _use_other_task(self, offer: Offer) -> None:
        """The same for a model of another task, which is set with it: what it is made for is worked out first."""
        from workbench.core import edits

        page, session = self._page, self._page.session
        dataset, cleaned, before = session.dataset, session.cleaned, session.facts
        wanted = edits.set_task(offer.task)
        project = wanted(session.document.project)

        def found(facts: Any) -> None:
            from workbench.core.proposal import start_from
            from workbench.core.templates import template

            if session.dataset is dataset and session.cleaned is cleaned:
                put = start_from(offer.name, template(offer.name, facts), facts, before)
                page.verbs.do(lambda now: put(wanted(now)), f"Start from {offer.title}")

        def work(_progress: object, _cancelled: object) -> Any:
            from workbench.core.data.prepared import plan

            return plan(project, dataset, cleaned)[0]

        session.jobs.run(page, "other task", work, found, session.tell)
