"""Make text fit a target's fields by rule, so that no lead is left to the target's own error.

What a target cannot hold is dropped: NUL and other control characters. What is too long is cut between whole
characters, as people see them, and ends in an ellipsis; :func:`fit_all` keeps the whole text in another field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wcwidth import iter_graphemes

ELLIPSIS = "…"

Measure = Callable[[str], int]
"""How a target counts: :func:`characters`, :func:`utf16_units` or :func:`utf8_bytes`."""

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANKS = re.compile(r"[\t\x0b\x0c]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """``text`` fits; ``whole`` is what it was before it was cut, cleaned."""

    text: str
    whole: str

    @property
    def is_cut(self) -> bool:
        return self.text != self.whole


def characters(text: str) -> int:
    """Count code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """Count as .NET, Java and JavaScript do: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def clean(text: str, *, lines: bool = False) -> str:
    """Drop what targets cannot hold: control characters and halves of characters. One line unless ``lines``."""
    plain = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))
    plain = _BROKEN.sub("\ufffd", _CONTROL.sub("", plain))
    return plain.strip() if lines else " ".join(plain.split("\n")).strip()


def fit(text: str, limit: int | None, *, measure: Measure = characters, lines: bool = False) -> Fitted:
    """Clean a text and cut it to ``limit``, which counts in ``measure``; no limit only cleans."""
    whole = clean(text, lines=lines)
    if limit is None or measure(whole) <= limit:
        return Fitted(whole, whole)
    return Fitted(_cut(whole, limit, measure), whole)


def fit_all(
    values: Mapping[str, str],
    limits: Mapping[str, int | None],
    *,
    keep_in: str,
    labels: Mapping[str, str] | None = None,
    measure: Measure = characters,
) -> dict[str, str]:
    """Fit all fields of a record; whatever was cut is added whole to the field ``keep_in``, one line each.

    ``keep_in`` may have line breaks and is cut last; up to half of it gives way to what was cut elsewhere. ``labels``
    says how a field is called there.
    """
    fitted = {name: fit(text, limits.get(name), measure=measure) for name, text in values.items() if name != keep_in}
    whole = {name: each.whole for name, each in fitted.items() if each.is_cut}
    kept = "\n".join(f"{(labels or {}).get(name, name)}: {text}" for name, text in whole.items())
    both = _joined(values.get(keep_in, ""), kept, limits.get(keep_in), measure)
    shown = {name: each.text for name, each in fitted.items()}
    return shown | ({keep_in: both} if keep_in in values or both else {})


def _joined(text: str, kept: str, limit: int | None, measure: Measure) -> str:
    room = None if limit is None else max(limit - measure(f"\n\n{kept}"), limit // 2) if kept else limit
    first = fit(text, room, measure=measure, lines=True).text
    return fit(f"{first}\n\n{kept}", limit, measure=measure, lines=True).text


def _cut(text: str, limit: int, measure: Measure) -> str:
    room = limit - measure(ELLIPSIS)
    if room < 0:
        return ""
    end = 0
    for grapheme in iter_graphemes(text):
        room -= measure(grapheme)
        if room < 0:
            break
        end += len(grapheme)
    return text[:end].rstrip() + ELLIPSIS
