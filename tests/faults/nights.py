"""What a run of CI leaves to the night."""

import pytest

from participants.providers import PROVIDERS


def both_by_night(name: str) -> pytest.MarkDecorator:
    """In CI calls of this provider alone: where a fault does not depend on what a provider says."""
    params = [
        pytest.param(one, marks=[] if one == name else [pytest.mark.nightly]) for one in sorted(PROVIDERS)
    ]
    return pytest.mark.parametrize("provider", params, indirect=True)
