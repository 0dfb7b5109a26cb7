"""The public API: one router for each resource."""
