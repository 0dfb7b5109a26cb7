"""The floor of accepting: a bare view, same server and settings, that inserts one row and commits."""

from __future__ import annotations

import json

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

TABLE = "CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, email text, body jsonb, at timestamptz)"
INSERT = "INSERT INTO bench_bare (email, body, at) VALUES (%s, %s, now())"


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    lead = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [lead["UserDetails"]["Email"], json.dumps(lead)])
    return HttpResponse("{}", content_type="application/json", status=202)


urlpatterns = [path("api/v1/leads", insert)]
