from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import registry

PROJECT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (PROJECT / "ARCHITECTURE.md").read_text()
README = (PROJECT / "README.md").read_text()
MODULES = sorted(
    path for package in ("portal", "leads", "connectors") for path in (PROJECT / package).glob("[a-z]*.py")
)
REQUIREMENTS = re.findall(r"^([a-z][a-z0-9-]+)", (PROJECT / "requirements-embedded.txt").read_text(), re.MULTILINE)
REQUIREMENTS += re.findall(r"^([a-z][a-z0-9-]+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)


@pytest.mark.parametrize("module", [f"{path.parent.name}/{path.name}" for path in MODULES])
def test_every_module_has_its_place_in_the_house(module: str) -> None:
    assert re.search(rf"\b{re.escape(Path(module).name)}\b", ARCHITECTURE)


@pytest.mark.parametrize("library", REQUIREMENTS)
def test_every_library_has_its_reason(library: str) -> None:
    assert re.search(rf"\b{re.escape(library)}\b", ARCHITECTURE[ARCHITECTURE.index("## Libraries") :])


@pytest.mark.parametrize("slug", registry.all_connectors())
def test_every_connector_is_in_the_readme(slug: str) -> None:
    assert registry.get(slug).label in README


def test_the_tests_that_the_architecture_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", ARCHITECTURE)
    assert named
    assert [path for path in named if not (PROJECT / path).exists()] == []


def test_every_word_to_make_is_in_the_documents() -> None:
    words = re.findall(r"^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    documents = README + (PROJECT / "CONTRIBUTING.md").read_text()
    assert [word for word in words if word != "help" and f"make {word}" not in documents] == []


def test_the_pictures_of_the_readme_are_there() -> None:
    assert [path for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README) if not (PROJECT / path).exists()] == []
