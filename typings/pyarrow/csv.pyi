"""PyArrow brings no types: to pyright everything in it is Any, instead of an error a line."""

from typing import Any

def __getattr__(name: str) -> Any: ...
