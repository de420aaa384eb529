"""Finding the model a command is about.

Belongs here: from a name on the command line to a spec, or an error that helps. Stays out: the
commands.
"""

from difflib import get_close_matches

from monitoring_assets.components.loading import load_models
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.resources import settings
from monitoring_assets.spec.model import ModelSpec


def find_model(model_id: str) -> ModelSpec:
    """Return the spec of a model.

    Raises
    ------
    ModelDefinitionError
        The model's YAML is broken.
    ConfigurationError
        There is no such model.
    """
    loaded = load_models(settings.model_folders())
    for error in loaded.broken:
        if error.model_id == model_id:
            raise error
    by_name = {spec.model_id: spec for spec in loaded.specs}
    if model_id not in by_name:
        close = get_close_matches(model_id, by_name, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        folders = ", ".join(map(str, settings.model_folders())) or "nowhere"
        broken = [problem for error in loaded.broken for problem in error.problems]
        raise ConfigurationError(
            f"there is no model '{model_id}'; {hint}models: {', '.join(sorted(by_name)) or 'none'}"
            f" (looked for in {folders}). A folder of models of your own is named by"
            f" {settings.MODELS_VARIABLE}" + "".join(f"\n  {one}" for one in broken)
        )
    return by_name[model_id]
