"""`monitoring-assets new`: a first `defs.yaml` for data that nobody has described yet.

Belongs here: options, where the file goes, what is printed. Stays out: guessing (onboarding).
"""

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.components.loading import DEFINITION_FILE, load_model
from monitoring_assets.components.scaffolding import SCHEMA_FILE
from monitoring_assets.components.wording import id_text
from monitoring_assets.components.yaml_schema import schema_text
from monitoring_assets.errors import ConfigurationError, ModelDefinitionError, MonitoringError
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.locating import Named, locate
from monitoring_assets.onboarding.proposal import Proposal, propose
from monitoring_assets.onboarding.roles import Wishes
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets.resources import settings
from monitoring_assets.spec.model import ModelId
from monitoring_assets.spec.sources import ObjectStoreSpec

_URL_VARIABLE: Final = "WAREHOUSE_URL"


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option(
    "--from",
    "data",
    required=True,
    help="A file, a folder, a pattern (also s3://…), a database's URL, or table:NAME.",
)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Folder of models.")
@click.option("--table", help="Table of the database, or schema.table.")
@click.option(
    "--url-env",
    default=_URL_VARIABLE,
    show_default=True,
    help="Environment variable with the database's URL.",
)
@click.option("--task", type=click.Choice(["regression", "binary", "multiclass"]))
@click.option("--event-time", help="Column: when the thing predicted happened.")
@click.option("--id", help="Column: unique id of a row.")
@click.option("--target", help="Column: the true value.")
@click.option("--prediction", help="Column: the model's answer.")
@click.option("--knowledge-time", help="Column: when the true value became known.")
@click.option("--endpoint", help="URL of a store that speaks S3.")
@click.option("--region", help="Region of an S3 bucket.")
@click.option("--anonymous", is_flag=True, help="Read a public bucket without any key.")
def new(model_id: str, data: str, into: Path | None, **options: Any) -> None:
    """Look at data and write a commented defs.yaml for MODEL, every guess marked.

    Nothing is stored, and a file that is there is never overwritten.
    """
    folder = _folder(into)
    file = folder / model_id / DEFINITION_FILE
    _require_free(model_id, file)
    reached = {name: options.pop(name) for name in ("endpoint", "region", "anonymous")}
    named = Named(
        text=data,
        table=options.pop("table"),
        url_variable=options.pop("url_env"),
        object_store=_object_store(reached),
        event_time=options["event_time"],
    )
    origin = locate(named, model_id, settings.data_folder(), os.environ)
    proposal = propose(origin, Wishes(**options))
    text = defs_yaml(proposal, model_id, f"../{SCHEMA_FILE}")
    _require_loadable(model_id, text, origin.environment)
    _write(file, text)
    _show(proposal, file, set_models=folder not in _own_folders())


def _folder(into: Path | None) -> Path:
    if into is not None:
        return into.expanduser().resolve()
    return next(iter(_own_folders()), Path.cwd() / "models")


def _own_folders() -> list[Path]:
    shipped = settings.package_folder() / "defs"
    return [folder for folder in settings.model_folders() if folder != shipped]


def _object_store(reached: Mapping[str, Any]) -> ObjectStoreSpec:
    try:
        return TypeAdapter(ObjectStoreSpec).validate_python(reached)
    except ValidationError as error:
        text = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(text, param_hint="--endpoint") from error


def _require_free(model_id: str, file: Path) -> None:
    try:
        TypeAdapter(ModelId).validate_python(model_id)
    except ValidationError as error:
        raise click.BadParameter(id_text(model_id), param_hint="MODEL") from error
    for folder in (file.parent.parent, *settings.model_folders()):
        taken = folder / model_id / DEFINITION_FILE
        if taken.exists():
            raise ConfigurationError(
                f"{taken} is there already and is not overwritten; choose another name for the"
                " model, or take the file away"
            )


def _require_loadable(model_id: str, text: str, environment: Mapping[str, str]) -> None:
    """Load the text as every command will; what it lacks is a mistake of ours."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / model_id / DEFINITION_FILE
            file.parent.mkdir()
            file.write_text(text, encoding="utf-8")
            load_model(file)
    except ModelDefinitionError as error:
        raise MonitoringError(
            f"the YAML made for '{model_id}' does not load, which is a bug of this command. It is:"
            f"\n{text}\nand {error}"
        ) from error
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        schema = file.parent.parent / SCHEMA_FILE
        schema.write_text(schema_text(), encoding="utf-8")
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be written ({error.strerror}); name another folder by --into"
        ) from error


def _show(proposal: Proposal, file: Path, *, set_models: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    sample = proposal.sample
    about = "" if sample.exact else "about "
    console.print(
        f"{proposal.origin.describe()}: {about}{sample.rows:,} rows,"
        f" {sample.table.num_rows:,} looked at",
        markup=False,
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False)
    for heading in ("column", "role", "why"):
        table.add_column(heading, overflow="fold")
    for one in proposal.columns:
        style = "dim" if one.role == "left out" else ""
        table.add_row(*(Text(text, style) for text in (shortened(one.name), one.role, one.why)))
    console.print(table)
    for line in _closing(proposal, file, set_models=set_models):
        console.print(line, markup=False, soft_wrap=True, highlight=False)


def _closing(proposal: Proposal, file: Path, *, set_models: bool) -> Iterator[str]:
    """Yield what was written, and what to do next."""
    cut, model_id = proposal.cut, file.parent.name
    task = proposal.answers.task
    first = f"first window {cut.start}, reference {cut.reference[0]} to {cut.reference[1]}"
    yield f"\n{task}; windows of a {cut.granularity}, about {cut.rows:,.0f} rows each; {first}"
    if proposal.answers.none_given:
        yield "no column holds predictions: a model is trained here, on the reference"
    if not proposal.of_role("target"):
        yield (
            "no column is called like a target, so quality is unknown; --target names one, and"
            " `joined` in the YAML takes it from another file or table"
        )
    yield f"\nwritten: {_shown(file)}; read what is marked as a guess. Next:"
    for name in proposal.origin.environment:
        if name not in os.environ:
            yield f"  export {name}=...          the database's URL, which stands in no file"
    if set_models:
        yield f"  export {settings.MODELS_VARIABLE}={shlex.quote(str(file.parent.parent))}"
    yield f"  monitoring-assets check {model_id}"
    yield f"  monitoring-assets backfill {model_id}"


def _shown(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
