"""Nobody names a connector but the registry, which finds it by its folder."""

from __future__ import annotations

import pytest
from grimp import ImportGraph, build_graph

from connectors import registry


@pytest.fixture(scope="module")
def house() -> ImportGraph:
    return build_graph("portal", "leads", "connectors", cache_dir=None)


@pytest.mark.parametrize("slug", registry.all_connectors())
def test_no_module_outside_its_folder_imports_a_connector(slug: str, house: ImportGraph) -> None:
    folder = f"connectors.{slug}"
    inside = {folder, *house.find_descendants(folder)}
    named = {(by, of) for of in inside for by in house.find_modules_that_directly_import(of) if by not in inside}
    assert f"{folder}.connector" in inside
    assert named == set()
