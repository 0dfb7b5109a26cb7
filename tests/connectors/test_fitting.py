"""Text is made to fit by rule: whole characters, nothing a target chokes on, nothing lost that fits elsewhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from connectors.fitting import ELLIPSIS, Measure, characters, clean, fit, fit_all, utf8_bytes, utf16_units

FAMILY = "👩\u200d👩\u200d👧"
FLAG = "🇩🇪"
ACCENTED = "e\u0301"
PIECES = st.sampled_from(
    ["a", " ", "\n", "é", ACCENTED, "ß", "漢", "ש", "👋🏽", FAMILY, FLAG, "\x00", "\x1b", "\ud83d"]
)
TEXTS = st.lists(PIECES | st.characters(), max_size=40).map("".join)
MEASURES = st.sampled_from([characters, utf16_units, utf8_bytes])


@given(text=TEXTS, limit=st.integers(0, 60), measure=MEASURES, lines=st.booleans())
def test_never_exceeds_the_limit_and_never_splits_a_character(
    *, text: str, limit: int, measure: Measure, lines: bool
) -> None:
    fitted = fit(text, limit, measure=measure, lines=lines)
    assert measure(fitted.text) <= limit
    assert fitted.is_cut is (measure(fitted.whole) > limit)
    if fitted.is_cut and fitted.text:
        prefix = fitted.text.removesuffix(ELLIPSIS)
        assert fitted.whole.startswith(prefix)
        starts = [*iter_graphemes(fitted.whole)]
        boundaries = {len("".join(starts[:number])) for number in range(len(starts) + 1)}
        blanks = len(fitted.whole[len(prefix) :]) - len(fitted.whole[len(prefix) :].lstrip())
        assert boundaries & set(range(len(prefix), len(prefix) + blanks + 1))


@given(text=TEXTS, lines=st.booleans())
def test_what_is_clean_can_be_written_down_anywhere(*, text: str, lines: bool) -> None:
    cleaned = clean(text, lines=lines)
    cleaned.encode()
    kinds = {unicodedata.category(character) for character in cleaned if character != "\n"}
    assert not kinds & {"Cc", "Cs"}
    assert lines or "\n" not in cleaned
    assert clean(cleaned, lines=lines) == cleaned


@given(TEXTS, st.integers(0, 60), MEASURES)
def test_fits_what_fits_already(text: str, limit: int, measure: Measure) -> None:
    once = fit(text, limit, measure=measure).text
    assert fit(once, limit, measure=measure).text == once


@pytest.mark.parametrize(
    ("text", "limit", "fitted"),
    [
        ("Contoso", 7, "Contoso"),
        ("Contoso AG", 7, "Contos…"),
        ("Contoso AG", 9, "Contoso…"),
        (f"ab{FAMILY}c", 7, "ab…"),
        (f"ab{FAMILY}c", 8, f"ab{FAMILY}c"),
        (f"{FLAG}{FLAG}", 3, f"{FLAG}…"),
        (f"{ACCENTED}{ACCENTED}", 3, f"{ACCENTED}…"),
        ("שלום עולם", 6, "שלום…"),
        ("  a\x00b\r\nc\t ", 9, "ab c"),
        ("ab", 1, "…"),
        ("ab", 0, ""),
        ("lone \ud83d half", None, "lone \ufffd half"),
    ],
)
def test_by_example(text: str, limit: int | None, fitted: str) -> None:
    assert fit(text, limit).text == fitted


def test_limits_count_as_the_target_counts() -> None:
    waves = "👋" * 5
    assert fit(waves, 5).text == waves
    assert fit(waves, 5, measure=utf16_units).text == "👋👋…"
    assert fit(waves, 5, measure=utf8_bytes).text == "…"
    assert fit(waves, 11, measure=utf8_bytes).text == "👋👋…"


def test_lines_stay_where_they_may() -> None:
    assert fit("one\r\ntwo\u2028three", None, lines=True).text == "one\ntwo\nthree"
    assert fit("one\r\ntwo", None).text == "one two"


def test_what_was_cut_is_kept_whole_in_another_field() -> None:
    company, title = "C" * 300, "T" * 20
    record = {"Company": company, "Title": title, "LastName": "Buyer", "Description": "Please call."}
    limits = {"Company": 255, "Title": 10, "Description": 32_000}
    fitted = fit_all(record, limits, keep_in="Description", labels={"Title": "Job title"})
    assert fitted["Company"] == "C" * 254 + "…"
    assert fitted["LastName"] == "Buyer"
    assert fitted["Description"] == f"Please call.\n\nCompany: {company}\nJob title: {title}"


def test_a_field_that_keeps_is_made_where_it_is_needed_only() -> None:
    assert fit_all({"Company": "Contoso"}, {"Company": 3}, keep_in="Notes") == {
        "Company": "Co…",
        "Notes": "Company: Contoso",
    }
    assert fit_all({"Company": "Contoso"}, {}, keep_in="Notes") == {"Company": "Contoso"}


def test_a_note_gives_half_of_its_room_to_what_was_cut() -> None:
    fitted = fit_all({"Company": "C" * 30, "Notes": "n" * 100}, {"Company": 10, "Notes": 50}, keep_in="Notes")
    assert fitted["Notes"] == "n" * 24 + "…" + "\n\nCompany: " + "C" * 13 + "…"


@given(st.dictionaries(st.sampled_from("abc"), TEXTS), st.integers(0, 30), st.integers(0, 60), MEASURES)
def test_every_field_of_a_record_fits(record: dict[str, str], limit: int, most: int, measure: Measure) -> None:
    limits = {"a": limit, "b": None, "c": most}
    fitted = fit_all(record, limits, keep_in="c", measure=measure)
    assert measure(fitted.get("a", "")) <= limit
    assert measure(fitted.get("c", "")) <= most
