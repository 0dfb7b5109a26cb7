"""The operator's pages: one module for each family."""

from __future__ import annotations

from leads.admin import deliveries as deliveries
from leads.admin import destinations as destinations
from leads.admin import exports as exports
from leads.admin import leads as leads
from leads.admin import offers as offers
from leads.admin import publishers as publishers
