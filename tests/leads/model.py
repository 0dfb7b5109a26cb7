"""The state machine in plain words: what a delivery and a destination should be, whatever the portal does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass
class Row:
    """What a delivery should be. ``tries`` are the claims under which it was tried and that was written down."""

    place: int
    lead: UUID
    due_at: datetime
    state: str = "waiting"
    attempts: int = 0
    claims: int = 0
    claimed_until: datetime | None = None
    missing: bool = False
    tries: list[int] = field(default_factory=list)

    def claim(self, until: datetime) -> None:
        self.state, self.claims, self.claimed_until = "sending", self.claims + 1, until

    def stop(self, state: str) -> None:
        self.state, self.claimed_until = state, None

    def spend(self, state: str) -> None:
        self.attempts += 1
        self.stop(state)

    def is_orphan(self, now: datetime) -> bool:
        return self.claimed_until is not None and self.claimed_until < now


@dataclass
class Place:
    """What a destination should be; ``again`` says whether sending there again is harmless."""

    again: bool
    state: str = "active"
    rests: int = 0
    resume_at: datetime | None = None
    token: UUID | None = None
    until: datetime | None = None

    def is_ready(self, now: datetime) -> bool:
        due = self.resume_at is not None and self.resume_at <= now
        return self.state == "active" or (self.state in ("resting", "held") and due)

    def is_free(self, now: datetime) -> bool:
        return self.until is None or self.until < now

    def pause(self) -> None:
        self.state, self.resume_at = "paused", None

    def probe(self, now: datetime) -> None:
        if self.state != "active":
            self.state, self.resume_at, self.rests = "resting", now, 0

    def save(self, now: datetime) -> None:
        self.leave()
        if self.state != "paused":
            self.probe(now)

    def revive(self) -> None:
        self.state, self.rests, self.resume_at = "active", 0, None

    def leave(self) -> None:
        self.token = self.until = None
