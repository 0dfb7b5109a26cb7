"""System checks: bad configuration is named before it does harm. Each has an id, a sentence and a hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own word
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines

BROKER_SCHEMES = ("redis", "rediss", "unix")
WITHOUT_SERVER = {
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("filebased", "console", "dummy", "locmem")
}


@register(Tags.security)
def field_keys_are_keys(**_: Any) -> list[CheckMessage]:
    hint = "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    if not settings.FIELD_KEYS:
        return [Error("FIELD_KEYS must hold at least one key.", hint=hint, id="portal.E001")]
    bad = [str(position) for position, key in enumerate(settings.FIELD_KEYS, 1) if not is_fernet_key(key)]
    if not bad:
        return []
    return [Error(f"FIELD_KEYS: number {', '.join(bad)} is not a Fernet key.", hint=hint, id="portal.E001")]


def is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@register()
def broker_is_redis(**_: Any) -> list[CheckMessage]:
    if urlsplit(settings.REDIS_URL).scheme in BROKER_SCHEMES:
        return []
    hint = "Write REDIS_URL=redis://host:6379/0, rediss:// for TLS, or unix:///path for a socket."
    return [Error("REDIS_URL must name a Redis or Valkey server.", hint=hint, id="portal.E002")]


@register(Tags.urls)
def base_url_is_an_address(**_: Any) -> list[CheckMessage]:
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme in {"http", "https"} and parts.hostname and not parts.path:
        return []
    hint = "Write BASE_URL=https://leads.example.com, without a slash at its end."
    return [Error("BASE_URL must be the site's own address, without a path.", hint=hint, id="portal.E003")]


@register(Tags.security, deploy=True)
def deployment_is_real(**_: Any) -> list[CheckMessage]:
    """Warn about what suits a demo only."""
    return list(doubts())


def doubts() -> Iterator[CheckMessage]:
    address = urlsplit(settings.BASE_URL)
    if settings.SANDBOX:
        yield Warning("SANDBOX=true: leads may go to pretended systems.", hint="Remove it.", id="portal.W001")
    if address.scheme != "https":
        hint = "Serve the site by HTTPS and write https:// into BASE_URL."
        yield Warning("BASE_URL is not an https address.", hint=hint, id="portal.W002")
    if address.hostname and not is_allowed(address.hostname, settings.ALLOWED_HOSTS):
        hint = f"Add {address.hostname} to ALLOWED_HOSTS."
        yield Warning("ALLOWED_HOSTS does not have the host of BASE_URL.", hint=hint, id="portal.W003")
    if settings.EMAIL_BACKEND in WITHOUT_SERVER:
        hint = "Write EMAIL_URL=smtp+tls://user:password@host:587."
        yield Warning("No mail server: nobody is told of anything.", hint=hint, id="portal.W004")


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    return any(entry in {"*", host} or (entry.startswith(".") and f".{host}".endswith(entry)) for entry in allowed)


@register(Tags.templates, deploy=True)
def templates_compile(**_: Any) -> list[CheckMessage]:
    """Compile every template of ours, visited by a test or not."""
    return [problem for name in our_templates() if (problem := compile_problem(name))]


def our_templates() -> Iterator[str]:
    folders = [Path(folder) for folder in cast("list[Path]", settings.TEMPLATES[0]["DIRS"])]
    folders += [Path(settings.BASE_DIR) / app / "templates" for app in ("portal", "leads")]
    for folder in folders:
        yield from (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.*")) if path.is_file())


def compile_problem(name: str) -> CheckMessage | None:
    try:
        engines["django"].get_template(name)
    except (TemplateSyntaxError, TemplateDoesNotExist, UnicodeDecodeError) as error:
        return Error(f"The template {name} does not compile: {error}", id="portal.E004")
    return None
