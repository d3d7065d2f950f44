"""The API keeps to its own description: asked by a program that reads that alone, and answer by answer by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from keepwarm.daemon.web.contract import document
from tests.web import Website, website

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.practice.world import World

EXAMPLES = 12  # of each endpoint, well formed and not
PATHS = tuple(document("http://127.0.0.1:1")["paths"])
_CHECKS = [
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def site(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    """A practice of which everything is known, served."""
    copied = world.copy(tmp_path_factory.mktemp("served") / "world")
    config = copied.practice.config
    config.write_text(f'{config.read_text()}\n[web]\nlisten = "127.0.0.1:0"\n')
    copied.keepwarm.run(
        "note", "marco@zephyr-robotics.example", "Likes \N{WHITE SMILING FACE}\u202e", "--on", "2026-12-01"
    )
    copied.keepwarm.run("promise", "marco@zephyr-robotics.example", "The offer", "--due", "2026-12-01")
    copied.keepwarm.run("log", "marco@zephyr-robotics.example", "lunch")
    with website(config, copied.practice.as_of) as served:
        yield served


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["well", "ill"])
@pytest.mark.parametrize("path", PATHS)
def test_whatever_an_endpoint_is_asked_it_answers_as_the_description_says(
    path: str, mode: GenerationMode, site: Website
) -> None:
    described = schemathesis.openapi.from_url(f"{site.served.origin}/v1/openapi.json", headers=dict(site.headers))
    operation = described[path]["GET"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    def asked(case: Any) -> None:
        case.call_and_validate(headers=dict(site.headers), additional_checks=_CHECKS, timeout=90)

    asked()


def test_every_answer_is_valid_by_its_schema(site: Website) -> None:
    described = site.ask("/v1/openapi.json").json
    everybody = site.ask("/v1/contacts").json
    named = [one for one in everybody if one["organisation"]][:3]
    targets = {
        "/v1/contacts": ["/v1/contacts", "/v1/contacts?band=cold"],
        "/v1/contacts/{who}": [f"/v1/contacts/{one['id']}" for one in named],
        "/v1/signals": ["/v1/signals", "/v1/signals?all=true"],
        "/v1/feed": ["/v1/feed?limit=1000", "/v1/feed?since=3000&limit=1000"],
        "/v1/status": ["/v1/status"],
    }
    for path, asked in targets.items():
        content = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        validator = jsonschema.Draft202012Validator({**content["schema"], "components": described["components"]})
        for target in asked:
            found = site.ask(target)
            assert found.status == 200
            errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(found.json)]
            assert errors == [], target
    assert set(described["paths"]) == {*targets, "/v1/openapi.json"}
