"""Pictures of the funnel, drawn on the server: `{% funnel_picture funnel %}`, `{% funnel_mini funnel %}`."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from leads.funnel import Funnel, StageCount

register = template.Library()

LINE, BAR, GAP = 22, 30, 32
"""Heights in pixels: of a stage's name, of its bar, and of the room below for what came on."""
ROW = LINE + BAR + GAP
MINI_WIDTH, MINI_STEP, MINI_HEIGHT = 18, 21, 26
NEVER = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of the picture: heights in pixels from the top, widths in percent of the whole."""

    count: StageCount
    flow_y: int
    name_y: int
    bar_y: int
    note_y: int
    earlier: str
    """Width of those who came from an earlier stage."""
    entered: str
    """Width of those who began here."""
    flow: str
    """Outline of the stream from the stage before, in a box 100 wide and `flow_height` high; empty for the first."""


@register.inclusion_tag("parts/funnel.svg")
def funnel_picture(funnel: Funnel, label: str = "Funnel") -> dict[str, object]:
    """Draw customers at each stage: who came on from the stage before, and who began there."""
    return {
        "label": label,
        "funnel": funnel,
        "bars": _bars(funnel),
        "bar_height": BAR,
        "flow_height": LINE + GAP,
        "height": len(funnel.stages) * ROW - GAP,
    }


@register.inclusion_tag("parts/funnel_mini.svg")
def funnel_mini(funnel: Funnel) -> dict[str, object]:
    """Draw the three stages as small columns."""
    tallest = max(1, *(count.customers for count in funnel.stages))
    heights = [_column(count.customers, tallest) for count in funnel.stages]
    columns = [
        {"count": count, "x": number * MINI_STEP, "y": MINI_HEIGHT - height, "height": height}
        for number, (count, height) in enumerate(zip(funnel.stages, heights, strict=True))
    ]
    width = MINI_STEP * (len(columns) - 1) + MINI_WIDTH
    return {"funnel": funnel, "columns": columns, "bar": MINI_WIDTH, "width": width, "height": MINI_HEIGHT}


@register.filter
def percent(part: float | None, places: int = 0) -> str:
    """Write a part of one as percent; a dash where there is nothing to divide by."""
    return NEVER if part is None else f"{part:.{places}%}".replace("%", "\u202f%")


@register.filter
def points(change: float) -> str:
    """Write a change of a part of one as points up or down."""
    size = f"{abs(change) * 100:.1f}"
    return "the same as before" if size == "0.0" else f"{size} points {'up' if change > 0 else 'down'}"


def _bars(funnel: Funnel) -> list[Bar]:
    widest = max(1, *(count.customers for count in funnel.stages))
    before: StageCount | None = None
    bars = []
    for number, count in enumerate(funnel.stages):
        bars.append(_bar(number * ROW, count, before, widest))
        before = count
    return bars


def _bar(top: int, count: StageCount, before: StageCount | None, widest: int) -> Bar:
    return Bar(
        count=count,
        flow_y=top - GAP,
        name_y=top + 15,
        bar_y=top + LINE,
        note_y=top - 11,
        earlier=_width(count.customers - count.entered, widest),
        entered=_width(count.entered, widest),
        flow=_flow(_width(before.customers, widest), _width(count.came, widest)) if before else "",
    )


def _flow(upper: str, lower: str) -> str:
    return f"M0 0H{upper}L{lower} {LINE + GAP}H0Z"


def _width(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}"


def _column(customers: int, tallest: int) -> int:
    """Give a stage with anybody at all two pixels to be seen by."""
    return max(2, round(MINI_HEIGHT * customers / tallest)) if customers else 0
