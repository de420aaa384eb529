"""How messages of a model are written down: with which links, and whether they are sent.

Belongs here: links to pages of Dagster's UI, models that are muted, the message about a result.
Stays out: sending (sending.py), what is said (evaluation/retraining/messages.py).
"""

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from monitoring_assets.assets import names
from monitoring_assets.assets.partitions import partition_key_of
from monitoring_assets.assets.retraining.thinking import Teller
from monitoring_assets.evaluation.retraining.messages import result_message
from monitoring_assets.records import Decision, Layer, Message, RetrainingResult
from monitoring_assets.resources import settings
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import messages


def teller_of(spec: ModelSpec, database: Database, runtime: Runtime) -> Teller:
    """Return how messages of a model are written down now."""
    withheld = _withheld(spec, database, runtime)
    return Teller(link=lambda start: _page(spec, start), withheld=withheld)


def told_of_result(
    spec: ModelSpec,
    database: Database,
    runtime: Runtime,
    decision: Decision,
    came_of_it: tuple[RetrainingResult, str, str | None],
) -> list[Message]:
    """Return what is to be told about what has come of a retraining, as it is written down now.

    Parameters
    ----------
    came_of_it
        The result, why in a sentence, and the version that came of it.
    """
    now, teller = runtime.now(), teller_of(spec, database, runtime)
    result, reason, version = came_of_it
    known = replace(
        decision, result=result, result_reason=reason, model_version=version, finished_at=now
    )
    message = result_message(spec, known, now, teller.link)
    return [replace(message, withheld=teller.withheld)] if message else []


def _withheld(spec: ModelSpec, database: Database, runtime: Runtime) -> str | None:
    if runtime.frozen_now:
        return "the past is replayed"
    until = messages.muted_until(database, spec.model_id)
    if until is not None and runtime.now() < until:
        return f"muted until {until:%Y-%m-%d %H:%M} UTC"
    return None


def _page(spec: ModelSpec, start: datetime) -> str:
    """Return the address of a window in Dagster's UI; '' if nobody has said where that is."""
    pages = settings.dagster_pages()
    if pages is None:
        return ""
    layer = Layer.DATA_DRIFT if spec.columns.target is None else Layer.MODEL_QUALITY
    path = "/".join(quote(part) for part in names.asset_key(spec.model_id, layer).path)
    return f"{pages}/assets/{path}?view=partitions&partition={quote(partition_key_of(spec, start))}"
