"""How pages speak of leads on their way: `{{ delivery|why }}`, `{% outcome attempt %}`."""

from __future__ import annotations

from django import template

from leads import retention
from leads import why as reasons
from leads.models import Attempt
from leads.proof import proof

register = template.Library()

OUTCOMES = {
    "created": ("good", "Taken"),
    "updated": ("good", "Taken, updated"),
    "duplicate": ("good", "Already there"),
    "unavailable": ("wait", "Away"),
    "unanswered": ("wait", "No answer"),
    "unsent": ("wait", "Held back"),
    "lost": ("wait", "Interrupted"),
    "misconfigured": ("bad", "Held"),
    "rejected": ("bad", "Refused"),
    "uncertain": ("odd", "To decide"),
}
"""How an attempt ended: tone and word."""

register.filter("why", reasons.why)
register.filter("standing", reasons.standing)
register.filter("next_try", reasons.next_try)
register.filter("what_next", reasons.what_next)
register.filter("proof", proof)
register.filter("dropped", retention.dropped)


@register.inclusion_tag("parts/state.html")
def outcome(attempt: Attempt) -> dict[str, str]:
    """Show how an attempt ended as word, colour and shape."""
    tone, word = OUTCOMES[attempt.outcome]
    return {"tone": tone, "word": word}
