"""The resolved scenario that lies in a recording: YAML with a checksum at its end, read as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gandyn.core.errors import DamageError
from gandyn.core.messages import shortened
from gandyn.recording.store.checksums import unsealed_text
from gandyn.recording.store.files import read_file

__all__ = ["MOST_SCENARIO_BYTES", "SCENARIO", "read_scenario"]

SCENARIO = "scenario.yaml"
MOST_SCENARIO_BYTES = 1 << 22
_DEEPEST = 50


def read_scenario(folder: Path) -> dict[str, Any]:
    """Return the resolved scenario that lies in a recording.

    Raises:
        DamageError: the file is damaged or missing.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file, lost = folder / SCENARIO, "the settings it was trained with"
    try:
        text = unsealed_text(read_file(folder, SCENARIO, MOST_SCENARIO_BYTES, lost))
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            # Written out, aliases of aliases would fill memory, and what is nested without end the stack.
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
                raise ValueError("it has aliases, or is nested too deep")  # noqa: TRY301
        found = yaml.load(text, Loader=loader)
        if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
            raise TypeError("it is no mapping")  # noqa: TRY301
    except FileNotFoundError:
        raise DamageError(file, "it is missing", lost) from None
    except (TypeError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise DamageError(file, shortened(error), lost) from None
    return found
