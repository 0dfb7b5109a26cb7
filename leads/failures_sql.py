"""The statement that counts failures by destination and cause."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

# What is open at a destination that takes no leads waits for the destination, whatever it met before. Each part reads
# an index only: the first holds what failed, which nothing that goes well ever enters, the second the queues, the third
# what was looked for in its target.
COUNT = """
WITH failure AS (
    SELECT destination_id, cause, state, offer_id, count(*) AS number,
        min(id) AS first, max(id) AS last, min(finished_at) AS began, max(finished_at) AS ended
    FROM leads_delivery
    WHERE NOT cause = '' AND NOT state IN ('delivered', 'withheld')
        AND (%(publisher)s::bigint IS NULL OR publisher_id = %(publisher)s)
    GROUP BY destination_id, cause, state, offer_id
),
queue AS (
    SELECT destination_id, delivery.state, offer_id, count(*) AS number,
        min(delivery.id) AS first, max(delivery.id) AS last
    FROM leads_destination destination JOIN leads_delivery delivery ON destination_id = destination.id
    WHERE destination.state <> 'active' AND delivery.state IN ('waiting', 'sending')
        AND (%(publisher)s::bigint IS NULL OR destination.publisher_id = %(publisher)s)
    GROUP BY destination_id, delivery.state, offer_id
),
gone AS (
    SELECT destination_id, 'missing' AS cause, 'missing' AS state, offer_id, count(*) AS number,
        min(id) AS first, max(id) AS last, min(landing_checked_at) AS began, max(landing_checked_at) AS ended
    FROM leads_delivery
    WHERE landing = 'missing' AND state = 'delivered' AND landing_checked_at >= %(lately)s
        AND (%(publisher)s::bigint IS NULL OR publisher_id = %(publisher)s)
    GROUP BY destination_id, offer_id
),
part AS (
    SELECT failure.* FROM failure JOIN leads_destination destination ON destination.id = destination_id
    WHERE destination.state = 'active' OR failure.state NOT IN ('waiting', 'sending')
    UNION ALL
    SELECT destination_id,
        CASE WHEN destination.state = 'paused' OR problem_cause = '' THEN destination.state ELSE problem_cause END,
        queue.state, offer_id, number, first, last, NULL, NULL
    FROM queue JOIN leads_destination destination ON destination.id = destination_id
    UNION ALL
    SELECT * FROM gone
)
SELECT destination_id, cause, sum(number)::int,
    coalesce(sum(number) FILTER (WHERE state IN ('waiting', 'sending')), 0)::int,
    coalesce(sum(number) FILTER (WHERE state IN ('uncertain', 'missing')), 0)::int,
    array_agg(DISTINCT state), coalesce(array_agg(DISTINCT offer_id) FILTER (WHERE offer_id IS NOT NULL), '{}'),
    min(first), max(last), min(began), max(ended)
FROM part
GROUP BY destination_id, cause
ORDER BY 3 DESC, 1, 2
LIMIT %(most)s
"""


class Row(NamedTuple):
    """A line of :data:`COUNT`."""

    destination: int
    cause: str
    number: int
    open: int
    may_double: int
    states: list[str]
    offers: list[int]
    first: int
    last: int
    began: datetime | None
    ended: datetime | None
