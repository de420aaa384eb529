"""Finding a class that a YAML names, in installed packages or in folders of models.

Belongs here: importing `package.module:Class`. Stays out: what the class must offer (custom.py).

`sys.path` is never changed: a folder on it would hide installed packages behind the names of
models, for the whole process. What is found in a folder is known to Python under its name, so that
it can import its neighbours (`from my_model.helpers import …`), now or later.
"""

import hashlib
import sys
from collections.abc import Sequence
from importlib import import_module, invalidate_caches
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from threading import RLock
from types import ModuleType

_LOADING = RLock()
"""Two threads must not load the same module twice."""


def find_class(name: str, folders: Sequence[Path]) -> object:
    """Return what `package.module:Class` names.

    Parameters
    ----------
    folders
        Where the package is looked for if it is not installed, in this order.

    Raises
    ------
    ModuleNotFoundError
        There is no such module, or it imports one that there is not.
    AttributeError
        The module has no such name.
    """
    module, _, attribute = name.partition(":")
    return getattr(_find_module(module, folders), attribute)


def code_fingerprint(name: str, folders: Sequence[Path]) -> str:
    """Return what tells whether the code of such a class has changed, as far as it lies beside it.

    Counted are the files of the class's package, of a single module that file alone.

    Parameters
    ----------
    name, folders
        See `find_class`, which also says what this raises.
    """
    find_class(name, folders)
    module = sys.modules[name.partition(":")[0]]
    file = Path(module.__file__ or "")
    files = sorted(file.parent.glob("*.py")) if module.__package__ else [file]
    digest = hashlib.sha256()
    for one in files:
        digest.update(f"{one.name} ".encode() + hashlib.sha256(one.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _find_module(name: str, folders: Sequence[Path]) -> ModuleType:
    with _LOADING:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in _prefixes(name):  # it is there, but imports what is not
                raise
            missing = error
        for folder in folders:
            module = _load_from(folder, name)
            if module is not None:
                return module
        raise missing


def _load_from(folder: Path, name: str) -> ModuleType | None:
    """Return a module in a folder, with its packages; None if it is not there."""
    invalidate_caches()
    specs = [_find(folder, prefix) for prefix in _prefixes(name)]
    found = [spec for spec in specs if spec is not None]
    if len(found) < len(specs):
        return None
    module = None
    for spec in found:
        module = sys.modules.get(spec.name) or _load(spec)
    return module


def _find(folder: Path, name: str) -> ModuleSpec | None:
    parents = name.split(".")[:-1]
    return PathFinder.find_spec(name, [str(folder.joinpath(*parents))])


def _load(spec: ModuleSpec) -> ModuleType:
    module = module_from_spec(spec)
    if spec.submodule_search_locations is not None:
        # A folder without __init__.py would be looked for along sys.path again and again.
        module.__path__ = list(spec.submodule_search_locations)
    sys.modules[spec.name] = module
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    parent, _, child = spec.name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    return module


def _prefixes(name: str) -> Sequence[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
