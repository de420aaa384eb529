"""Every exception this application raises on purpose, in one tree.

Belongs here: exception classes and the rule whether trying again can help. Stays out: catching,
logging, and text about a particular model (the place that raises knows it).

    MonitoringError
    ├── ConfigurationError            a setting or a YAML file is wrong
    │   └── ModelDefinitionError      one model's defs.yaml, with file and line
    ├── DataError                     the rows are not what the YAML says
    │   ├── SourceUnavailableError    nothing there or unreachable        (retryable)
    │   ├── SourceFileError           a file is cut short or unreadable
    │   ├── SourceFailedError         a database refuses, or a team's class fails
    │   ├── SourceSchemaError         a column is missing or of the wrong type
    │   └── DuplicateIdError          the same id twice under `on_duplicate: fail`
    ├── WindowNotReadyError           asked for before its delay has passed (retryable)
    ├── ReferenceMissingError         a window was asked for before its reference exists
    ├── ArtifactError                 a model file is missing, changed or not trusted
    ├── MirrorError                   MLflow cannot be written to            (retryable)
    ├── RetrainingError               a retraining cannot be done as asked
    │   ├── RetrainingUnderwayError   another one of the model is underway
    │   ├── PromotionRefusedError     somebody else has deployed meanwhile
    │   ├── ReferenceTakenError       another reference was measured meanwhile (retryable)
    │   └── DeploymentChangedError    another version took over while scoring (retryable)
    └── StorageError
        ├── DatabaseUnavailableError  no connection                       (retryable)
        ├── DatabaseStartError        the embedded server does not come up
        └── SchemaVersionError        tables are newer or older than this code
"""

from typing import ClassVar


class MonitoringError(Exception):
    """Base of all errors raised on purpose; `retryable` says whether trying again can help."""

    retryable: ClassVar[bool] = False


class ConfigurationError(MonitoringError):
    """A setting (environment variable, option, YAML file) is wrong; a person has to mend it."""


class ModelDefinitionError(ConfigurationError):
    """A model's `defs.yaml` is wrong.

    Parameters
    ----------
    model_id
        Folder name of the model.
    problems
        One line for each mistake found: file, line, what is wrong, legal values.
    """

    def __init__(self, model_id: str, problems: "tuple[str, ...]") -> None:
        self.model_id = model_id
        self.problems = problems
        super().__init__("\n".join((f"model '{model_id}' is not defined correctly:", *problems)))


class DataError(MonitoringError):
    """Rows or files are not what the model's YAML says they are."""


class SourceUnavailableError(DataError):
    """The source holds nothing for what was asked, or cannot be reached; it may appear later."""

    retryable = True


class SourceFileError(DataError):
    """A file of the source is cut short or cannot be read."""


class SourceFailedError(DataError):
    """A database refuses what it is asked for (login, rights, query), or a team's class fails."""


class SourceSchemaError(DataError):
    """A column is missing, or its type cannot be turned into the declared kind."""


class DuplicateIdError(DataError):
    """The same row id occurs more than once in a window under `on_duplicate: fail`."""


class WindowNotReadyError(MonitoringError):
    """A window was asked for before its delay has passed or before its source is there."""

    retryable = True


class ReferenceMissingError(MonitoringError):
    """A window was asked for before the model's reference has been materialized."""


class ArtifactError(MonitoringError):
    """A stored model is missing, does not match its SHA-256, or holds types we do not trust."""


class MirrorError(MonitoringError):
    """A training cannot be mirrored to MLflow now; nothing but the mirror is behind."""

    retryable = True


class RetrainingError(MonitoringError):
    """A retraining, or a deployment by hand, cannot be done as it was asked for."""


class RetrainingUnderwayError(RetrainingError):
    """A model is trained anew already; two at once would compare with the same champion."""


class PromotionRefusedError(RetrainingError):
    """The version that a challenger was compared with is not the deployed one any more."""


class ReferenceTakenError(RetrainingError):
    """Somebody else has stored a version of the reference under the number that was meant."""

    retryable = True


class DeploymentChangedError(RetrainingError):
    """While a window was scored, another version began to serve it; it has to be scored again."""

    retryable = True


class StorageError(MonitoringError):
    """Something about the database."""


class DatabaseUnavailableError(StorageError):
    """The database does not answer."""

    retryable = True


class DatabaseStartError(StorageError):
    """The embedded server cannot be started."""


class SchemaVersionError(StorageError):
    """The tables in the database belong to another version of this code."""
