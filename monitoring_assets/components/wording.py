"""What is wrong with a value and what would be right, in our words.

Belongs here: one text for each way in which pydantic refuses a value. Stays out: where in the file
it stands (mistakes.py), rules of our own (spec).
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

UNKNOWN_ERRORS: Final = ("unexpected_keyword_argument", "extra_forbidden", "invalid_key")

_LONGEST_SHOWN: Final = 80
_AS_IN_YAML: Final = {"None": "nothing", "True": "true", "False": "false"}
_SECTION: Final = "must be a section with fields of its own ({fields})"
_SHAPES: Final[Mapping[str, str]] = {
    "dataclass_type": _SECTION,
    "model_attributes_type": _SECTION,
    "tuple_type": "must be a list, such as [a, b]",
    "dict_type": "must be names with values, one 'name: value' a line",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def text_for(error: Mapping[str, Any], schema: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Return the text about one of pydantic's errors.

    Parameters
    ----------
    error
        As `ValidationError.errors()` has it.
    schema
        What the schema says of the place.
    fields
        Legal fields there, if it is a section.
    """
    kind, found = error["type"], shown(error["input"])
    if kind in _SHAPES:
        quoted = "; put it in quotation marks" if _lacks_quotes(error) else ""
        legal = ", ".join(fields or ["kind"])
        return f"{_SHAPES[kind].format(fields=legal)}, found {found}{quoted}"
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"must be {words} {_number(error['ctx'][name])}, found {found}"
    return _special(error, schema)


def shown(value: Any) -> str:
    """Return a value as its author knows it; a list or section is not shown, only named."""
    if isinstance(value, Mapping | list):
        return "a list" if isinstance(value, list) else "a section"
    text = _AS_IN_YAML.get(str(value), repr(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def closest(name: str, legal: Sequence[str]) -> str | None:
    """Return the legal name that a misspelt one probably stands for."""
    return next(iter(get_close_matches(name, legal, n=1)), None)


def unknown_field(name: str, legal: Sequence[str]) -> str:
    """Return the text about a field that does not exist."""
    close = closest(name, legal)
    hint = f"; did you mean '{close}'?" if close else "."
    return f"is not a field here{hint} Legal: {', '.join(legal)}"


def id_text(name: str) -> str:
    """Return the text about a folder whose name cannot be a model's id."""
    legal = "small letters, digits and _, a letter first, at most 40 characters"
    return f"the folder's name {name!r} is the model's id; legal: {legal}"


def _special(error: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    found, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            text = _missing(schema)
        case "too_short" | "string_too_short":
            text = _too_short(context["min_length"], found)
        case "string_too_long":
            text = _too_long(context["max_length"], found)
        case "string_pattern_mismatch":
            text = _no_match(schema, found)
        case "literal_error":
            text = _no_choice(context["expected"], found)
        case "date_from_datetime_parsing":
            text = f"is no day of the calendar: {context['error']}, found {shown(found)}"
        case "value_error":
            text = str(error["msg"]).removeprefix("Value error, ")
        case _:
            text = f"{error['msg']}, found {shown(found)}"
    return text


def _lacks_quotes(error: Mapping[str, Any]) -> bool:
    return error["type"] == "string_type" and isinstance(error["input"], bool | int | float)


def _missing(schema: Mapping[str, Any]) -> str:
    meaning = schema.get("description", "")
    return f"is required: {meaning}" if meaning else "is required"


def _number(bound: float) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _too_short(least: int, found: Any) -> str:
    if least == 1:
        return "must not be empty"
    return f"needs at least {least}, here is {len(found)}"


def _too_long(longest: int, found: str) -> str:
    unit = "character" if longest == 1 else "characters"
    return f"must have at most {longest} {unit}, here are {len(found)}"


def _no_match(schema: Mapping[str, Any], found: str) -> str:
    form = (schema.get("examples") or [schema.get("pattern")])[0]
    return f"must have the form of {form!r}, found {shown(found)}"


def _no_choice(legal: str, found: Any) -> str:
    names = re.findall(r"'([^']*)'", legal)
    close = closest(found, names) if isinstance(found, str) else None
    hint = f"; did you mean {close!r}?" if close else ""
    return f"must be {legal}, found {shown(found)}{hint}"
