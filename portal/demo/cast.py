"""Who is in the demo: three publishers, what they sell, where their leads go, and who buys."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import Offer
from leads.taxonomy import Storefront

AZURE, APPSOURCE = Storefront.AZURE_MARKETPLACE, Storefront.APPSOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A destination. ``broken_for`` is the number of days since it began to refuse our sign-in."""

    name: str
    url: str
    broken_for: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An offer, and how many customers found it within the days of the demo."""

    offer_id: str
    title: str
    summary: str
    storefronts: tuple[Storefront, ...]
    targets: tuple[str, ...] = ()
    status: Offer.Status = Offer.Status.LIVE
    customers: int = 0


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
        Target(name="Sales desk", url="https://sales.contoso.example/marketplace/leads"),
        Target(name="Campaign mailer", url="https://campaigns.contoso.example/hooks/leads"),
        Target(name="Partner desk", url="https://partners.contoso.example/refuse/leads", broken_for=3.4),
    ),
    sells=(
        Sold(
            offer_id="crm",
            title="Contoso CRM",
            summary="Customers, quotes and follow-ups in one place, for sales teams of five to five hundred.",
            storefronts=(AZURE, APPSOURCE),
            targets=("Sales desk", "Campaign mailer"),
            customers=280,
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
    targets=(Target(name="Fabrikam intake", url="https://intake.fabrikam.example/leads"),),
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
    targets=(Target(name="Order desk", url="https://orders.northwind.example/leads"),),
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
FIRST_NAMES = (
    "Alex", "Ana", "Ben", "Chris", "Dana", "Eli", "Emma", "Finn", "Ines", "Jamie", "Jan", "Jo", "Kim", "Lea", "Leo",
    "Lin", "Max", "Mia", "Nia", "Noor", "Omar", "Pat", "Ravi", "Robin", "Sam", "Sara", "Tom", "Toni", "Uma", "Yuki",
)  # fmt: skip
LAST_NAMES = ("Buyer", "Customer", "Example", "Sample")
COMPANIES = (
    "Adatum", "Adventure Works", "Alpine Ski House", "Coho Winery", "Fourth Coffee", "Humongous Insurance",
    "Litware", "Lucerne Publishing", "Proseware", "Relecloud", "Tailspin Toys", "Trey Research", "VanArsdel",
    "Wide World Importers", "Wingtip Toys", "Woodgrove Bank",
)  # fmt: skip
TITLES = ("CTO", "IT manager", "Head of sales", "Architect", "Purchasing", "")
COUNTRIES = ("US", "US", "US", "DE", "DE", "GB", "FR", "IN", "JP", "BR", "CA", "NL", "AU", "")
NOTES = (
    "Please call before noon.",
    "We have 40 people in three countries. What would it cost?",
    "Does it work with single sign-on?",
    "",
)
CAMPAIGNS = ("spring-fair", "newsletter", "partner-day")
