"""schemathesis asks the API what its description allows, and what it forbids; nothing may break."""

from __future__ import annotations

import pytest
import schemathesis
from api_rows import token_of
from databases import ONE_ENGINE
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.config import SchemathesisConfig

from cocm.server.access.permissions import MemberRole

pytestmark = [
    pytest.mark.once,
    pytest.mark.live,
    ONE_ENGINE,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of schemathesis' own dependencies
]
EXAMPLES = 6
"""For each operation; `schemathesis run` on /api/v1/openapi.json asks as long as one likes."""


def unwanted() -> list[CheckFunction]:
    """What a description cannot say: which payer, rule or patient exists, and on which days."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    return [positive_data_acceptance]


def test_nothing_breaks_whatever_is_sent(world) -> None:
    from cocm.server.wsgi import application

    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, config=SchemathesisConfig.from_dict({})
    )
    headers = {"Authorization": f"Bearer {token_of(world, MemberRole.BHCM)}", "Host": "localhost"}
    asked = 0

    for found in schema.get_all_operations():
        operation = found.ok()

        def try_it(case) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers=headers, excluded_checks=unwanted())

        from hypothesis import given

        limited = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        limited(given(operation.as_strategy())(try_it))()
    assert asked >= 16 * EXAMPLES / 2
