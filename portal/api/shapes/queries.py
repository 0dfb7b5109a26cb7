"""How to ask for leads and deliveries: the filters of the pages, under the same names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from leads import taxonomy
from leads.filters import STATES, DeliveryFilter, LeadFilter
from leads.states import LeadState
from leads.taxonomy import Action, Source, Stage
from portal.api.shapes.common import Id, Kind, Moment, Paged, StageName, StorefrontName, Text

STAGES = {stage.label: stage for stage in Stage}


def _one_of(words: Sequence[str], read: Callable[[str], str]) -> AfterValidator:
    def convert(text: str) -> str:
        try:
            return read(text)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(words)}.") from None

    return AfterValidator(convert)


def _read_state(text: str) -> str:
    if text not in dict(STATES):
        raise ValueError(text)
    return text


SourceName = Annotated[Text, _one_of(Source.values, taxonomy.read_source)]
ActionName = Annotated[Text, _one_of(Action.values, taxonomy.read_action)]
StateName = Annotated[Text, _one_of(list(dict(STATES)), _read_state)]
LeadStateName = Annotated[Text, _one_of(LeadState.values, LeadState)]
OfferName = Annotated[Text, Field(description="Full id of an offer, such as `contoso.crm`.")]
Since = Annotated[Moment, Field(description="From this moment on, ISO 8601.")]
Until = Annotated[Moment, Field(description="Before this moment, ISO 8601.")]


class LeadQuery(Paged):
    offer: OfferName = ""
    source: SourceName = ""
    action: ActionName = ""
    stage: StageName | None = None
    storefront: StorefrontName | None = None
    kind: Kind | None = None
    country: Text = ""
    state: Annotated[LeadStateName, Field(description="Of its deliveries, the one that most needs somebody.")] = ""
    q: Annotated[Text, Field(description="An e-mail, or the beginning of a name or company.")] = ""
    since: Since | None = None
    until: Until | None = None

    def filter(self) -> LeadFilter:
        return LeadFilter(
            offer=self.offer,
            source=self.source,
            action=self.action,
            stage=STAGES[self.stage] if self.stage else None,
            storefront=self.storefront or "",
            kind=self.kind or "",
            country=self.country,
            state=LeadState(self.state) if self.state else None,
            q=self.q,
            since=self.since,
            until=self.until,
        )


class DeliveryWords(BaseModel):
    offer: OfferName = ""
    destination: Id | None = None
    state: StateName = ""
    cause: Text = ""
    since: Since | None = None

    def filter(self) -> DeliveryFilter:
        return DeliveryFilter(
            offer=self.offer, destination=self.destination, state=self.state, cause=self.cause, since=self.since
        )


class DeliveryQuery(DeliveryWords, Paged):
    pass
