"""A key map is used as far as it makes sense, and the rest is told."""

from tui.binding_ids import known_binding_ids
from tui.keymap import check_keymap

KNOWN = {"app.help", "app.pause", "go.services"}


def test_entries_for_bindings_that_exist_are_kept() -> None:
    checked = check_keymap({"app.pause": "ctrl+p, z"}, KNOWN)
    assert checked.keymap == {"app.pause": "ctrl+p,z"}
    assert checked.warnings == ()


def test_an_unknown_binding_is_told_with_the_nearest() -> None:
    checked = check_keymap({"app.hlep": "h"}, KNOWN)
    assert checked.keymap == {}
    assert checked.warnings == ("keymap: there is no binding 'app.hlep'; the nearest is app.help",)


def test_a_binding_without_a_key_is_told() -> None:
    assert "given no key" in check_keymap({"app.help": " "}, KNOWN).warnings[0]


def test_the_ids_of_all_screens_and_panes_are_known() -> None:
    known = known_binding_ids()
    assert {"app.help", "go.services", "command.run", "filter.keep", "host.next-pane"} <= known
