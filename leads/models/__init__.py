"""The tables."""

from __future__ import annotations

from leads.models.deliveries import Attempt as Attempt
from leads.models.deliveries import Delivery as Delivery
from leads.models.destinations import Destination as Destination
from leads.models.destinations import DestinationVersion as DestinationVersion
from leads.models.exports import Export as Export
from leads.models.leads import Customer as Customer
from leads.models.leads import Journey as Journey
from leads.models.leads import Lead as Lead
from leads.models.notices import Contact as Contact
from leads.models.notices import Notice as Notice
from leads.models.notices import Trouble as Trouble
from leads.models.offers import Offer as Offer
from leads.models.offers import Publication as Publication
from leads.models.offers import PublicationStep as PublicationStep
from leads.models.offers import Route as Route
from leads.models.publishers import ApiKey as ApiKey
from leads.models.publishers import Member as Member
from leads.models.publishers import Publisher as Publisher
from leads.models.replays import Replay as Replay
from leads.models.replays import ReplayPart as ReplayPart
