"""The statement that stores leads. It takes a JSON array of rows and answers one line for each.

Rows are locked in the same order by everybody (publisher, e-mail; then customer, offer), so that two batches about the
same customers wait for each other and never deadlock. A row whose idempotency key is known stores nothing. Where one of
the keys has been revoked or one of the offers removed, nothing is stored and nothing answered.

``NOT first < number`` says what ``=`` would, but with that the planner expects a single row, and joins a thousand with
a thousand by nested loops; a flag in place of ``kind = 'live'`` is for the same reason.
"""

from __future__ import annotations

RECEIVE = """
WITH sent AS (
    SELECT row.*, offer.status = 'live' AND NOT test AS live,
        (row.offer_id IS NULL OR offer.id IS NOT NULL) AND (row.key_id IS NULL OR EXISTS (
            SELECT FROM leads_apikey key WHERE key.id = row.key_id AND revoked_at IS NULL)) AS good
    FROM jsonb_to_recordset(%s::jsonb) AS row(
        number int, id uuid, publisher_id bigint, offer_id bigint, destination_id bigint, test boolean,
        source text, action text, stage smallint, storefront text, email_key text, description text,
        consent boolean, do_not_contact boolean, extra jsonb, received_at timestamptz,
        key_id bigint, idempotency_key text, fingerprint text,
        first_name text, last_name text, email text, phone text, country text, company text, title text)
    LEFT JOIN leads_offer offer ON offer.id = row.offer_id
),
incoming AS (
    SELECT sent.*, min(number) OVER (PARTITION BY key_id, coalesce(idempotency_key, id::text)) AS first
    FROM sent WHERE NOT EXISTS (SELECT FROM sent WHERE NOT good)
),
known AS (
    SELECT incoming.number, lead.*
    FROM incoming CROSS JOIN LATERAL (
        SELECT id, stage, fingerprint FROM leads_lead
        WHERE idempotency_key = incoming.idempotency_key AND key_id IS NOT DISTINCT FROM incoming.key_id
        LIMIT 1
    ) AS lead
    WHERE incoming.idempotency_key IS NOT NULL
),
fresh AS (
    SELECT * FROM incoming WHERE NOT first < number AND number NOT IN (SELECT number FROM known)
),
customer AS (
    INSERT INTO leads_customer AS kept (
        publisher_id, email_key, email, first_name, last_name, phone, country, company, title,
        do_not_contact, first_seen_at, last_seen_at)
    SELECT DISTINCT ON (publisher_id, email_key)
        publisher_id, email_key, email, first_name, last_name, phone, country, company, title,
        bool_or(do_not_contact) OVER person, min(received_at) OVER person, max(received_at) OVER person
    FROM fresh WHERE live
    WINDOW person AS (PARTITION BY publisher_id, email_key)
    ORDER BY publisher_id, email_key, number DESC
    ON CONFLICT (publisher_id, email_key) DO UPDATE SET
        email = excluded.email,
        first_name = coalesce(nullif(excluded.first_name, ''), kept.first_name),
        last_name = coalesce(nullif(excluded.last_name, ''), kept.last_name),
        phone = coalesce(nullif(excluded.phone, ''), kept.phone),
        country = coalesce(nullif(excluded.country, ''), kept.country),
        company = coalesce(nullif(excluded.company, ''), kept.company),
        title = coalesce(nullif(excluded.title, ''), kept.title),
        do_not_contact = kept.do_not_contact OR excluded.do_not_contact,
        first_seen_at = least(kept.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(kept.last_seen_at, excluded.last_seen_at)
    RETURNING kept.id, kept.publisher_id, kept.email_key
),
journey AS (
    INSERT INTO leads_journey AS kept (
        customer_id, offer_id, stage, test_drive_at, initial_interest_at, active_at, first_at, last_at)
    SELECT customer.id, fresh.offer_id, max(fresh.stage),
        min(received_at) FILTER (WHERE stage = 1),
        min(received_at) FILTER (WHERE stage = 2),
        min(received_at) FILTER (WHERE stage = 3),
        min(received_at), max(received_at)
    FROM fresh JOIN customer USING (publisher_id, email_key)
    WHERE live
    GROUP BY customer.id, fresh.offer_id
    ORDER BY customer.id, fresh.offer_id
    ON CONFLICT (customer_id, offer_id) DO UPDATE SET
        stage = greatest(kept.stage, excluded.stage),
        test_drive_at = least(kept.test_drive_at, excluded.test_drive_at),
        initial_interest_at = least(kept.initial_interest_at, excluded.initial_interest_at),
        active_at = least(kept.active_at, excluded.active_at),
        first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at)
),
lead AS (
    INSERT INTO leads_lead (
        id, publisher_id, offer_id, customer_id, kind, source, action, stage, storefront,
        first_name, last_name, email, phone, country, company, title, description,
        consent, extra, received_at, routed, key_id, idempotency_key, fingerprint)
    SELECT fresh.id, fresh.publisher_id, offer_id, customer.id,
        CASE WHEN test THEN 'test' WHEN live THEN 'live' ELSE 'preview' END, source, action, stage, storefront,
        first_name, last_name, email, phone, country, company, title, description,
        consent, extra, received_at,
        CASE WHEN destination_id IS NULL
            THEN (SELECT count(*) FROM leads_route route WHERE route.offer_id = fresh.offer_id) ELSE 1 END,
        key_id, idempotency_key, fingerprint
    FROM fresh LEFT JOIN customer
        ON live AND (customer.publisher_id, customer.email_key) = (fresh.publisher_id, fresh.email_key)
),
delivery AS (
    INSERT INTO leads_delivery (
        lead_id, destination_id, publisher_id, offer_id, state, attempts, claims, due_at, created_at, finished_at,
        cause, sentence, remote_id, remote_url, landing)
    SELECT fresh.id, target.id, fresh.publisher_id, fresh.offer_id,
        CASE WHEN consent IS FALSE THEN 'withheld' ELSE 'waiting' END, 0, 0, received_at, received_at,
        CASE WHEN consent IS FALSE THEN received_at END,
        CASE WHEN consent IS FALSE THEN 'no-consent' ELSE '' END,
        CASE WHEN consent IS FALSE THEN 'The customer did not agree to be passed on.' ELSE '' END, '', '', ''
    FROM fresh CROSS JOIN LATERAL (
        SELECT route.destination_id AS id FROM leads_route route
        WHERE fresh.destination_id IS NULL AND route.offer_id = fresh.offer_id
        UNION ALL
        SELECT fresh.destination_id WHERE fresh.destination_id IS NOT NULL
    ) AS target
    RETURNING lead_id, destination_id
),
stored AS (
    SELECT number, fresh.id, stage, fingerprint, count(delivery.destination_id) AS deliveries,
        array_agg(delivery.destination_id) FILTER (WHERE consent IS NOT FALSE) AS woken
    FROM fresh LEFT JOIN delivery ON delivery.lead_id = fresh.id
    GROUP BY number, fresh.id, stage, fingerprint
)
SELECT incoming.number, stored.id, stored.stage, stored.fingerprint, stored.woken, stored.deliveries,
    first < incoming.number
FROM incoming JOIN stored ON stored.number = first
UNION ALL
SELECT number, id, stage, fingerprint, NULL,
    (SELECT count(*) FROM leads_delivery WHERE lead_id = known.id), TRUE
FROM known
"""
