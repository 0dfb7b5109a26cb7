"""How often somebody may try to sign in. Counted in Redis under keyed hashes: no name and no address stands there.

Guesses are counted by name and address together, by address, and by name. Only the last could keep somebody out whose
name another guesses at, so an address from which that name has signed in lately is not held to it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

KNOWN_FOR = 30 * 24 * 3600
"""Seconds an address stays known for a name that signed in there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most so many wrong tries in so many seconds, which begin with the first."""

    most: int
    seconds: int


TOGETHER = Rule(5, 5 * 60)
BY_ADDRESS = Rule(30, 15 * 60)
BY_NAME = Rule(50, 3600)


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody tries to sign in. ``address`` may be empty where it is not known."""

    name: str
    address: str

    def begin(self) -> int:
        """Count this try; return 0 where it may be made, else the seconds until the next may."""
        try:
            return next((wait for key, rule in self._rules() if (wait := _count(key, rule))), 0)
        except RedisError as error:
            # Better that a guess goes uncounted than that nobody can sign in.
            logger.warning("Sign-ins are not counted: the broker is away (%s).", type(error).__name__)
            return 0

    def succeed(self) -> None:
        """Take the try back, because it was none too many, and know the address from now on."""
        try:
            for key, rule in self._rules():
                _take_back(key, rule)
            _redis().delete(self._key("together"))
            _redis().set(self._key("known"), 1, ex=KNOWN_FOR)
        except RedisError as error:
            logger.warning("A sign-in is not remembered: the broker is away (%s).", type(error).__name__)

    def _rules(self) -> list[tuple[str, Rule]]:
        # In this order, and no further than the first that says no: else guesses at an address of one's own would use
        # up what the name has.
        rules = [(self._key("together"), TOGETHER)]
        if self.address:
            rules.append((_hashed("address", self.address), BY_ADDRESS))
        if not _redis().exists(self._key("known")):
            rules.append((_hashed("name", self.name), BY_NAME))
        return rules

    def _key(self, what: str) -> str:
        return _hashed(what, self.name, self.address)


def of_request(request: HttpRequest, name: str) -> Try:
    """Describe who tries. Large and small letters are one name; an IPv6 network of one customer is one address."""
    return Try(name=name.strip().casefold(), address=_network(_address(request)))


def _address(request: HttpRequest) -> str:
    if settings.BEHIND_PROXY:
        # The last is what our own proxy saw; what stands before it anybody may have written.
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(found if isinstance(found, IPv4Address) else ip_network((found, 64), strict=False))


def _count(key: str, rule: Rule) -> int:
    with _redis().pipeline() as pipe:
        pipe.set(key, 0, ex=rule.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, number, left = pipe.execute()
    return max(int(left), 1) if number > rule.most else 0


def _take_back(key: str, rule: Rule) -> None:
    with _redis().pipeline() as pipe:
        # It may have ended meanwhile, and would else be counted for ever.
        pipe.set(key, 0, ex=rule.seconds, nx=True)
        pipe.decr(key)
        pipe.execute()


def _hashed(*parts: str) -> str:
    return f"sign-in:{salted_hmac('portal.throttle', chr(0).join(parts), algorithm='sha256').hexdigest()}"


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
