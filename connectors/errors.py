"""Why a lead was not taken.

The class *is* the policy::

DeliveryError
├── Unavailable      the target is away or asks us to slow down: rest the destination, try again later
│   ├── Unsent       we held it back ourselves, to keep the target's pace: no try is spent
│   └── Unanswered   it was sent and no answer came, so it may have landed: harmless where sending again is
├── Misconfigured    no lead can pass until somebody changes something: hold the destination
├── Rejected         this one lead never passes as it is; the others may
└── Uncertain        sent, no answer, and sending again could double it: a person decides
"""

from __future__ import annotations

from typing import Any, Literal

ANSWER_LIMIT = 2_048
"""Characters of a target's answer that are kept."""

Who = Literal["publisher", "target", "marketplace"]


class DeliveryError(Exception):
    """A lead was not taken.

    ``sentence`` is shown to the publisher: no secret, no personal data, no jargon. ``cause`` is a short stable code
    that groups failures (``http-503``, ``sign-in``, ``dns``). ``fix`` says what to do and ``who`` does it. ``answer``
    is the target's own text and is cut to :data:`ANSWER_LIMIT`.
    """

    who: Who = "target"
    fix: str = ""

    def __init__(
        self,
        sentence: str,
        *,
        cause: str,
        fix: str = "",
        who: Who | None = None,
        status: int | None = None,
        answer: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause
        self.fix = fix or self.fix
        self.who = who or self.who
        self.status = status
        self.answer = answer[:ANSWER_LIMIT]


class Unavailable(DeliveryError):
    """The target is away; ``retry_after`` is in seconds where it named a time."""

    fix = "If this lasts, ask whoever runs the target to look into it; the portal goes on trying."

    def __init__(self, sentence: str, *, cause: str, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(sentence, cause=cause, **details)
        self.retry_after = retry_after


class Unsent(Unavailable):
    """Not sent, because the target's limits leave no room for the moment; the lead waits unspent."""

    who: Who = "marketplace"
    fix = "Nothing needs doing: the portal goes on by itself."


class Unanswered(Unavailable):
    """Sent, and no answer came back.

    A connector whose sending is idempotent passes it on and the lead is sent again; any other answers
    :class:`Uncertain` in its place.
    """


class Misconfigured(DeliveryError):
    """Every lead of this destination would fail."""

    who: Who = "publisher"


class Rejected(DeliveryError):
    """The target refuses this lead and would refuse it again."""

    who: Who = "publisher"


class Uncertain(DeliveryError):
    """The lead may or may not have landed."""

    who: Who = "publisher"
