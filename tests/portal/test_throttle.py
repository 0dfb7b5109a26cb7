from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from redis import Redis

from portal import throttle
from portal.throttle import BY_ADDRESS, BY_NAME, TOGETHER, Rule, Try
from tests.factories import PASSWORD, make_member
from tests.portal.visitor import Seen, Visitor

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def owner() -> User:
    return make_member()


def sign_in(password: str = "wrong", name: str = "owner-contoso", address: str = HERE) -> Seen:
    return Visitor(REMOTE_ADDR=address).send("/sign-in/", username=name, password=password)


def guess(times: int, **who: str) -> None:
    for _ in range(times):
        assert sign_in(**who).status == 200


def keys(redis: Redis) -> list[str]:
    return [str(key, "ascii") if isinstance(key, bytes) else key for key in redis.keys("sign-in:*")]


def test_after_a_few_wrong_passwords_it_says_when_to_try_again() -> None:
    guess(TOGETHER.most)
    refused = sign_in()
    assert refused.status == 429
    told = re.search(r"too many tries with a wrong password\. Try again in 5 minutes, at (\d\d:\d\d) UTC", refused.text)
    assert told
    at = datetime.strptime(told[1], "%H:%M").replace(tzinfo=UTC)
    assert (at - datetime.now(UTC)).seconds <= TOGETHER.seconds


def test_meanwhile_the_right_password_is_not_looked_at_either() -> None:
    guess(TOGETHER.most)
    assert sign_in(PASSWORD).status == 429


def test_when_the_time_is_over_it_is_tried_again(redis: Redis) -> None:
    guess(TOGETHER.most)
    assert sign_in().status == 429
    for key in keys(redis):
        assert 0 < redis.ttl(key) <= BY_NAME.seconds
        redis.delete(key)
    assert sign_in(PASSWORD).leads_to == "/"


def test_waiting_is_not_prolonged_by_trying_on(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    guess(TOGETHER.most)
    for key in keys(redis):
        redis.expire(key, 60)
    assert "Try again in a minute," in sign_in().text
    assert max(redis.ttl(key) for key in keys(redis)) <= 60


def test_a_sign_in_that_succeeds_takes_back_what_was_counted() -> None:
    for _ in range(3):
        guess(TOGETHER.most - 1)
        assert sign_in(PASSWORD).status == 302
    guess(TOGETHER.most)


def test_many_who_sign_in_from_one_address_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BY_ADDRESS", Rule(3, 60))
    assert [sign_in(PASSWORD).status for _ in range(6)] == [302] * 6


def test_nobody_else_is_locked_out() -> None:
    make_member("marketing")
    guess(TOGETHER.most)
    assert sign_in().status == 429
    assert sign_in(PASSWORD, name="marketing-contoso").status == 302
    assert sign_in(PASSWORD, address=THERE).status == 302


def test_an_address_that_guesses_at_many_names_must_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BY_ADDRESS", Rule(4, 60))
    for number in range(4):
        guess(1, name=f"user{number}")
    assert sign_in(PASSWORD).status == 429
    assert sign_in(PASSWORD, address=THERE).status == 302


def test_a_name_that_many_addresses_guess_at_is_kept_for_those_it_signs_in_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttle, "BY_NAME", Rule(4, 60))
    assert sign_in(PASSWORD, address=THERE).status == 302
    for number in range(4):
        guess(1, address=f"192.0.2.{number}")
    assert sign_in(PASSWORD, address="192.0.2.200").status == 429
    assert sign_in(PASSWORD, address=THERE).status == 302


def test_tries_that_are_refused_do_not_use_up_what_the_name_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "BY_NAME", Rule(TOGETHER.most + 1, 60))
    guess(TOGETHER.most)
    assert {sign_in().status for _ in range(5)} == {429}
    assert sign_in(PASSWORD, address=THERE).status == 302


def test_however_the_name_is_written_it_is_one() -> None:
    guess(TOGETHER.most - 1)
    guess(1, name=" OWNER-contoso ")
    assert sign_in().status == 429


def test_an_ipv6_network_is_one_address() -> None:
    for number in range(TOGETHER.most):
        guess(1, address=f"2001:db8::{number}")
    assert sign_in(address="2001:db8::ffff").status == 429
    guess(1, address="2001:db8:0:1::1")


def test_behind_a_proxy_the_last_address_counts_and_no_other(settings: Settings) -> None:
    settings.BEHIND_PROXY = True

    def try_from(forwarded: str) -> int:
        visitor = Visitor(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        return visitor.send("/sign-in/", username="owner-contoso", password="wrong").status

    for number in range(TOGETHER.most):
        assert try_from(f"192.0.2.{number}, {HERE}") == 200
    assert try_from(f"192.0.2.77, {HERE}") == 429
    assert try_from(THERE) == 200


def test_without_a_proxy_nobody_chooses_an_address() -> None:
    for number in range(TOGETHER.most):
        visitor = Visitor(REMOTE_ADDR=HERE, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        visitor.send("/sign-in/", username="owner-contoso", password="wrong")
    assert sign_in().status == 429


def test_the_operators_sign_in_is_held_to_the_same() -> None:
    User.objects.create_superuser("operator", password=PASSWORD)
    visitor = Visitor(REMOTE_ADDR=HERE)
    for _ in range(TOGETHER.most):
        visitor.send("/admin/login/", username="operator", password="wrong")
    refused = visitor.send("/admin/login/", username="operator", password=PASSWORD)
    assert "There were too many tries with a wrong password." in refused.text
    elsewhere = Visitor(REMOTE_ADDR=THERE).send("/admin/login/", username="operator", password=PASSWORD)
    assert elsewhere.leads_to.startswith("/")


def test_no_name_and_no_address_stands_in_redis(redis: Redis) -> None:
    guess(1)
    sign_in(PASSWORD)
    kept = " ".join(keys(redis))
    assert "sign-in:" in kept
    for word in ("owner", "contoso", HERE):
        assert word not in kept


def test_without_redis_people_sign_in_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = Redis.from_url("redis://127.0.0.1:1")
    monkeypatch.setattr(throttle, "_redis", lambda: away)
    guess(TOGETHER.most + 1)
    assert sign_in(PASSWORD).status == 302
    assert "Sign-ins are not counted" in caplog.text
    assert HERE not in caplog.text


def test_every_rule_ends_by_itself(redis: Redis) -> None:
    attempt = Try("ada", HERE)
    attempt.begin()
    redis.delete(*keys(redis))
    attempt.succeed()
    assert all(redis.ttl(key) > 0 for key in keys(redis))
    assert BY_ADDRESS.most > TOGETHER.most
