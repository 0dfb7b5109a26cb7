"""Signing in to the imitated Entra ID."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from connectors.dynamics.imitation.environment import Environment, Fault

LIFETIME = 3_599


class Refusal(Fault):
    """An error of OAuth, with the number that Entra ID gives it."""

    def __init__(self, number: int, words: str, error: str = "invalid_client", status: int = 400) -> None:
        super().__init__(status, error)
        told = {"error": error, "error_description": f"AADSTS{number}: {words}", "error_codes": [number]}
        self.body = json.dumps(told)


def issue(env: Environment, path: str, body: bytes) -> dict[str, Any]:
    """Exchange a grant for a token."""
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    env.sign_ins += 1
    directory = path.strip("/").partition("/")[0]
    if env.directories and directory not in {*env.directories, "organizations"}:
        raise Refusal(90002, f"Tenant '{directory}' not found. Check the tenant id.", "invalid_request")
    instance = urlsplit(form.get("scope", "").removesuffix("/.default")).netloc
    if env.instances and instance not in env.instances:
        words = f"The resource principal named https://{instance} was not found in the tenant."
        raise Refusal(500011, words, "invalid_resource")
    _prove(env, form)
    return {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": env.issue()}


def _prove(env: Environment, form: dict[str, str]) -> None:
    if form.get("grant_type") == "password":
        if env.passwords and env.passwords.get(form.get("username", "")) != form.get("password"):
            raise Refusal(50126, "Error validating credentials due to invalid username or password.", "invalid_grant")
        return
    client = form.get("client_id", "")
    if env.applications and client not in env.applications:
        words = f"Application with identifier '{client}' was not found in the directory."
        raise Refusal(700016, words, "unauthorized_client")
    if "client_assertion" in form:
        _assert(env, form["client_assertion"])
    elif env.client_secret and form.get("client_secret") != env.client_secret:
        raise Refusal(7000215, "Invalid client secret provided.", status=401)


def _assert(env: Environment, assertion: str) -> None:
    options: Any = {"verify_signature": env.certificate is not None, "verify_aud": False}
    try:
        jwt.decode(assertion, env.certificate, algorithms=["PS256"], options=options)
    except jwt.InvalidTokenError:
        raise Refusal(700027, "The certificate is not registered on the application.", status=401) from None
