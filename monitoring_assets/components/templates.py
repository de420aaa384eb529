"""Templates in a model's YAML: `{{ env('NAME', 'default') }}` and nothing else.

Belongs here: replacing environment variables in strings. Stays out: positions in the file and the
meaning of a field.

Dagster's own templates are a whole language, applied to every string: a quoted '74' comes back as a
number, an unset `{{ env.FOLDER }}/x` silently as 'None/x' and a misspelt name as nothing.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TEMPLATE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CALL: Final = re.compile(
    r"env\(\s*(['\"])(?P<name>\w+)\1\s*(?:,\s*(['\"])(?P<default>[^'\"]*)\3\s*)?\)"
)
_DOTTED: Final = re.compile(r"env\.(?P<name>\w+)")


class TemplateError(ValueError):
    """A template is not one of the legal ones, or names a variable that is not set.

    Parameters
    ----------
    text
        What is wrong and what would be right.
    quoted
        What stands between the braces, where the text is about that.
    """

    def __init__(self, text: str, quoted: str = "") -> None:
        self.text = text
        super().__init__(f"'{{{{ {quoted} }}}}' {text}" if quoted else text)


def strings(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield every string inside a YAML value with its path; keys are not looked at."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from strings(one, (*path, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from strings(one, (*path, i))


def rendered(value: Any) -> Any:
    """Return a YAML value with all templates in its strings replaced.

    >>> rendered({"path": "{{ env('NOT_SET', 'scores') }}/*.parquet"})
    {'path': 'scores/*.parquet'}

    Raises
    ------
    TemplateError
        One of them cannot be.
    """
    if isinstance(value, str):
        return _TEMPLATE.sub(lambda found: _value(found[1].strip()), value)
    if isinstance(value, Mapping):
        return {key: rendered(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rendered(one) for one in value]
    return value


def _value(expression: str) -> str:
    call = _CALL.fullmatch(expression) or _DOTTED.fullmatch(expression)
    if call is None:
        raise TemplateError(
            "is not a template; legal: {{ env('NAME') }}, {{ env('NAME', 'default') }}",
            quoted=expression,
        )
    name, default = call["name"], call.groupdict().get("default")
    value = os.environ.get(name, default)
    if value is None:
        raise TemplateError(
            f"environment variable {name} is not set;"
            f" set it, or give a default: {{{{ env('{name}', 'default') }}}}"
        )
    return value
