"""Which addresses and URLs a destination may have."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import addresses, urls
from connectors.errors import Misconfigured, Unavailable

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%2",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "20.50.2.1", "168.63.129.15", "2606:4700:4700::1111", "2a00:1450:4001::1"]

REFUSED_BY_TEXT = {
    "http://leads.contoso.example/": "must start with https://.",
    "ftp://leads.contoso.example/": "must start with https://.",
    "leads.contoso.example": "must start with https://.",
    "https:leads.contoso.example": "must have a full host name",
    "https://": "must have a full host name",
    "https:///path": "must have a full host name",
    "https://localhost/": "must have a full host name",
    "https://intranet/": "must have a full host name",
    "https://api.localhost/": "must not name a host of a private network.",
    "https://printer.local/": "must not name a host of a private network.",
    "https://metadata.google.internal/": "must not name a host of a private network.",
    "https://metadata.google.internal./": "must not name a host of a private network.",
    "https://127.0.0.1/": "network address.",
    "https://127.1/": "network address.",
    "https://127.0.1/": "network address.",
    "https://2130706433/": "network address.",
    "https://0x7f000001/": "network address.",
    "https://0x7f.0x0.0x0.0x1/": "network address.",
    "https://0177.0.0.1/": "network address.",
    "https://017700000001/": "network address.",
    "https://127.0.0.1./": "network address.",
    "https://\uff11\uff12\uff17.0.0.1/": "network address.",
    "https://127\u30020\u30020\u30021/": "network address.",
    "https://0/": "network address.",
    "https://10.1/": "network address.",
    "https://169.254.169.254/latest/meta-data": "network address.",
    "https://2852039166/": "network address.",
    "https://168.63.129.16/": "network address.",
    "https://192.168.0.1:8443/": "network address.",
    "https://[::1]/": "network address.",
    "https://[::ffff:127.0.0.1]/": "network address.",
    "https://[::ffff:a9fe:a9fe]/": "network address.",
    "https://[0:0:0:0:0:0:0:1]/": "network address.",
    "https://[fe80::1%25eth0]/": "network address.",
    "https://[64:ff9b::7f00:1]/": "network address.",
    "https://portal@leads.contoso.example/": "must not contain a user name or password",
    "https://portal:secret@leads.contoso.example/": "must not contain a user name or password",
    "https://leads.contoso.example@127.0.0.1/": "must not contain a user name or password",
    "https://leads.contoso.example/#top": "must not contain a fragment",
    "https://leads.contoso.example/#": "must not contain a fragment",
    "https://leads.contoso.example:80/": "must use port 443 or 8443.",
    "https://leads.contoso.example:0/": "must use port 443 or 8443.",
    "https://leads.contoso.example:6379/": "must use port 443 or 8443.",
    "https://leads.contoso.example:99999/": "is not a valid URL.",
    "https://leads.contoso.example:abc/": "is not a valid URL.",
    "https://[::1/": "is not a valid URL.",
    "https://leads contoso.example/": "must not contain spaces",
    "https://leads.contoso.example/\r\nHost: x": "must not contain spaces",
    "https://leads.contoso.example\\@127.0.0.1/": "must not contain spaces",
    "https://leads.contoso.example/\x00": "must not contain spaces",
    "https://leads..contoso.example/": "must have a full host name",
    "https://-leads.contoso.example/": "must have a full host name",
    "https://%31%32%37.0.0.1/": "must have a full host name",
    "https://" + "a" * 64 + ".example/": "must have a full host name",
    "https://" + "a." * 130 + "example/": "must have a full host name",
    "https://☃☃\u0378.example/": "is not a valid URL.",
    "https://leads.contoso.example/" + "a" * 2_048: "must be at most 2,048 characters long.",
}
ACCEPTED = [
    "https://leads.contoso.example",
    "https://leads.contoso.example/marketplace?code=abc&sig=%20x",
    "https://LEADS.Contoso.Example:443/",
    "https://leads.contoso.example:8443/",
    "https://leads.contoso.example./",
    "https://leads_v2.contoso.example/",
    "https://bücher.example/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://localhost.contoso.example/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address(address: str) -> None:
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address(address: str) -> None:
    assert addresses.is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_no_disguise_makes_an_ipv4_address_public(address: object) -> None:
    disguises = [f"::{address}", f"::ffff:{address}", f"64:ff9b::{address}"]
    assert not any(addresses.is_public(ip_address(disguise)) for disguise in disguises)


@pytest.mark.parametrize(("url", "rule"), REFUSED_BY_TEXT.items())
def test_url_refused_by_its_text(url: str, rule: str) -> None:
    fault = urls.fault(url)
    assert rule in fault
    assert fault.endswith(".")


@pytest.mark.parametrize("url", ACCEPTED)
def test_url_accepted(url: str) -> None:
    assert urls.fault(url) == ""


@given(st.text(max_size=60))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert urls.fault(text)
    assert isinstance(urls.fault(f"https://{text}"), str)


def test_host_is_read_in_the_form_it_is_looked_up_in() -> None:
    assert urls.host_of("https://BÜCHER.example:8443/x") == "xn--bcher-kva.example"


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "10.1"])
def test_literal_in_any_spelling(host: str) -> None:
    found = addresses.literal(host)
    assert found is not None
    assert not addresses.is_public(found)


@pytest.mark.parametrize("host", ["leads.contoso.example", "", "1.2.3.4.5", "0x7f.example", "10.0.0.1.example"])
def test_name_is_no_literal(host: str) -> None:
    assert addresses.literal(host) is None


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"])
def test_what_the_resolver_makes_of_it_is_checked_too(host: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        addresses.public_addresses(host, 5)
    assert caught.value.cause == "blocked-address"


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "look_up", lambda host: [ip_address("8.8.8.8"), ip_address("10.0.0.1")])
    with pytest.raises(Misconfigured):
        addresses.public_addresses("leads.contoso.example", 5)


def test_name_without_an_address_is_unavailable() -> None:
    with pytest.raises(Unavailable) as caught:
        addresses.public_addresses("leads.contoso.invalid", 5)
    assert caught.value.cause == "dns"
    assert "leads.contoso.invalid" in caught.value.sentence
    assert caught.value.fix
