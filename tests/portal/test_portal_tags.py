from __future__ import annotations

from portal.templatetags.portal_tags import STATES, TONE_OF, state


def test_every_state_has_a_word_a_colour_and_a_shape() -> None:
    words = {str(value): str(label) for states in STATES for value, label in states.choices}
    shown = {value: state(value) for value in words}
    assert {value: parts["word"] for value, parts in shown.items()} == words
    assert {parts["tone"] for parts in shown.values()} == {"good", "wait", "bad", "odd", "off"}
    assert TONE_OF.keys() == words.keys()
