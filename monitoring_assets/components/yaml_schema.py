"""The JSON schema of a whole `defs.yaml`, with which an editor completes and checks one.

Belongs here: the frame around a model's fields, and writing the file that is published. Stays out:
the fields (spec), templates in them (schema_templates.py).

`python -m monitoring_assets.components.yaml_schema docs/model.schema.json` renews that file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from monitoring_assets.components.attributes import COMPONENT_TYPES, attributes_model


def file_schema() -> dict[str, Any]:
    """Return the schema: draft 2020-12, closed on every level."""
    attributes = attributes_model().model_json_schema()
    definitions = attributes.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A monitored model",
        "description": "One model's defs.yaml; the name of its folder is the model's id.",
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "attributes"],
        "properties": {
            "type": {"description": "Always the same.", "enum": [*COMPONENT_TYPES]},
            "attributes": {"description": "Everything about the model.", **attributes},
        },
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(file_schema(), indent=2, ensure_ascii=False) + "\n"


def main(path: str) -> None:
    """Write the schema's file."""
    Path(path).write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
