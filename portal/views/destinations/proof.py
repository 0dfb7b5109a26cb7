"""How sure it is that what a destination took has landed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from leads.models import Delivery, Destination

Landing = Delivery.Landing


@dataclass(frozen=True)
class Proof:
    """What looking for delivered leads has shown: ``found`` counts them by :class:`Delivery.Landing`."""

    destination: Destination
    found: Counter[str]

    @property
    def provable(self) -> bool:
        return self.destination.provable

    @property
    def looked(self) -> int:
        return self.found.total()

    @property
    def there(self) -> int:
        """How many are there, merged ones included."""
        return self.found[Landing.LANDED] + self.found[Landing.MERGED]

    @property
    def merged(self) -> int:
        return self.found[Landing.MERGED]

    @property
    def missing(self) -> int:
        return self.found[Landing.MISSING]

    @property
    def share(self) -> int:
        """Which part of those looked for could be proved to be there or not, in percent."""
        return round(100 * (self.there + self.missing) / self.looked) if self.looked else 0
