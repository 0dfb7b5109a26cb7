"""Who is in the demo: three publishers, what they sell, and where their leads go."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import Offer
from leads.taxonomy import Storefront

AZURE, APPSOURCE = Storefront.AZURE_MARKETPLACE, Storefront.APPSOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A destination, by the name of a role that a stand-in of the sandbox plays.

    ``broken_for`` is the number of days since it began to refuse our sign-in.
    """

    name: str
    broken_for: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An offer, and how many customers found it within the days of the demo.

    ``goes_everywhere``: to one destination more for each kind that the sandbox connects.
    """

    offer_id: str
    title: str
    summary: str
    storefronts: tuple[Storefront, ...]
    targets: tuple[str, ...] = ()
    status: Offer.Status = Offer.Status.LIVE
    customers: int = 0
    goes_everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    slug: str
    name: str
    targets: tuple[Target, ...]
    sells: tuple[Sold, ...]


CONTOSO = Vendor(
    slug="contoso",
    name="Contoso",
    targets=(
        Target(name="Sales desk"),
        Target(name="Campaign mailer"),
        Target(name="Partner desk", broken_for=3.4),
    ),
    sells=(
        Sold(
            offer_id="crm",
            title="Contoso CRM",
            summary="Customers, quotes and follow-ups in one place, for sales teams of five to five hundred.",
            storefronts=(AZURE, APPSOURCE),
            targets=("Sales desk", "Campaign mailer"),
            customers=280,
            goes_everywhere=True,
        ),
        Sold(
            offer_id="firewall-byol",
            title="Contoso Firewall",
            summary="A virtual firewall for your networks in Azure. Bring your own licence.",
            storefronts=(AZURE,),
            targets=("Sales desk", "Partner desk"),
            customers=120,
        ),
        Sold(
            offer_id="insights",
            title="Contoso Insights",
            summary="Dashboards that explain last week's numbers in sentences.",
            storefronts=(APPSOURCE,),
            targets=("Sales desk",),
            status=Offer.Status.PREVIEW,
            customers=3,
        ),
        Sold(
            offer_id="backup",
            title="Contoso Backup",
            summary="Nightly copies of your virtual machines, tested every week.",
            storefronts=(AZURE,),
            status=Offer.Status.DRAFT,
        ),
    ),
)
FABRIKAM = Vendor(
    slug="fabrikam",
    name="Fabrikam",
    targets=(Target(name="Fabrikam intake"),),
    sells=(
        Sold(
            offer_id="field-service",
            title="Fabrikam Field Service",
            summary="Plan visits, carry spare parts and bill on the spot.",
            storefronts=(APPSOURCE,),
            targets=("Fabrikam intake",),
            customers=100,
        ),
        Sold(
            offer_id="inventory",
            title="Fabrikam Inventory",
            summary="Know what is on which shelf, in every warehouse.",
            storefronts=(AZURE, APPSOURCE),
            targets=("Fabrikam intake",),
            customers=60,
        ),
    ),
)
NORTHWIND = Vendor(
    slug="northwind",
    name="Northwind Traders",
    targets=(Target(name="Order desk"),),
    sells=(
        Sold(
            offer_id="catalog",
            title="Northwind Catalog",
            summary="A product catalogue that your resellers can trust.",
            storefronts=(AZURE, APPSOURCE),
            targets=("Order desk",),
            customers=55,
        ),
        Sold(
            offer_id="shipping",
            title="Northwind Shipping",
            summary="Labels, customs papers and tracking for every parcel.",
            storefronts=(AZURE,),
            customers=24,
        ),
    ),
)
VENDORS = (CONTOSO, FABRIKAM, NORTHWIND)
