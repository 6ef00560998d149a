"""What the menus do to the model: propose one, freeze what is selected on the canvas, forget its start weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .window import MainWindow


class ModelVerbs:
    """Undoable edits of the window's session on the layers selected on its Model page."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._session = window.session

    def chosen(self) -> list[str]:
        """Ids of the layers selected on the Model page."""
        page: Any = self._window.pages.get("model")
        return [] if page is None else list(page.wishes.chosen())

    def freeze(self, frozen: bool) -> None:
        """Keep the weights of the selected layers in training, or let them learn again."""
        from workbench.core.edits_weights import freeze

        chosen = self.chosen()
        some = "layer" if len(chosen) == 1 else f"{len(chosen):,} layers"
        self._session.apply(freeze(chosen, frozen), f"{'Freeze' if frozen else 'Thaw'} {some}")

    def forget_weights(self) -> None:
        """Let the selected layers start from random weights."""
        from workbench.core.edits_weights import forget_weights

        self._session.apply(forget_weights(self.chosen()), "Forget the start weights")

    def propose(self) -> None:
        """The model that suits the data, in place of what is on the canvas; undo brings that back."""
        from workbench.core.proposal import start_from
        from workbench.core.templates import suggest_template, template

        facts = self._session.facts
        if facts is not None:
            name = suggest_template(facts)
            self._session.apply(start_from(name, template(name, facts), facts), "Propose a model")
            self._window.show_page("model")
