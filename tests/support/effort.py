"""How many cases a property test tries: some by default, all that were promised with ``--long``."""

from hypothesis import settings


def cases(short: int, long: int) -> int:
    """Return ``long`` under ``--long``, else ``short``."""
    return long if settings.get_current_profile_name() == "long" else short
