"""Where a route's arguments come from, more strictly than Ninja reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from ninja.params.models import Body, BodyModel, Query, QueryModel

from portal.api import bodies
from portal.api.problems import Fault, Problem
from portal.api.sentences import MOST, place

if TYPE_CHECKING:
    from ninja import NinjaAPI


class SentModel(BodyModel):
    @classmethod
    def get_request_data(cls, request: HttpRequest, api: NinjaAPI, path_params: dict[str, Any]) -> dict[str, Any]:
        del api, path_params
        return {cls.__read_from_single_attr__: bodies.parse(bodies.read(request))}


class Sent(Body):  # type: ignore[misc] # Ninja's own Body is one, too
    """A JSON body, read no further than its limit. A route has one at most."""

    _model: type[BodyModel] = SentModel

    def __init__(self) -> None:
        super().__init__(...)

    @classmethod
    def _param_source(cls) -> str:
        return "body"


class AskedModel(QueryModel):
    __ninja_flatten_map__: dict[str, Any]

    @classmethod
    def get_request_data(cls, request: HttpRequest, api: NinjaAPI, path_params: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(request.GET.keys() - cls.__ninja_flatten_map__.keys())
        if unknown:
            known = ", ".join(cls.__ninja_flatten_map__)
            raise Problem.invalid(
                [Fault(place([name]), f"{place([name])} is no parameter here; there are {known}.") for name in unknown][
                    :MOST
                ]
            )
        asked = super().get_request_data(request, api, path_params) or {}
        return {name: value for name, value in asked.items() if value != ""}


class Asked(Query):  # type: ignore[misc] # as Sent
    """The parameters of an address. A misspelt one is refused: it would silently widen what is asked for."""

    _model: type[QueryModel] = AskedModel

    def __init__(self) -> None:
        super().__init__(...)

    @classmethod
    def _param_source(cls) -> str:
        return "query"
