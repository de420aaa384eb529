"""The text of a `defs.yaml` that a proposal makes: every guess marked, alternatives as comments.

Belongs here: sections, their order and their comments. Stays out: guessing, quoting (yaml_text.py).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from monitoring_assets.onboarding.cutting import Cut
from monitoring_assets.onboarding.lateness import MOST_LABELS
from monitoring_assets.onboarding.origin import SourceEntry
from monitoring_assets.onboarding.proposal import Proposal
from monitoring_assets.onboarding.roles import Assigned, Role
from monitoring_assets.onboarding.yaml_text import YamlLines, quoted, scalar

_TASKS: Final = ("regression", "binary", "multiclass")
_GRANULARITIES: Final = ("hour", "day", "week", "month")
_FEATURES: Final = {
    "numerical": "features; what only stands for something is categorical",
    "categorical": "features; what is counted or measured is numerical",
}
_SINGLE: Final[Mapping[str, Role]] = {
    "event_time": "event time",
    "id": "id",
    "target": "target",
    "prediction": "prediction",
    "model_version": "model version",
    "knowledge_time": "knowledge time",
}
_ELSEWHERE: Final = (
    "If another file or table has it: give that under `joined`, with the time at which a value"
    " became known, and name both here as `target` and `knowledge_time`."
)


def defs_yaml(proposal: Proposal, model_id: str, schema: str) -> str:
    """Return the text of a model's YAML.

    Parameters
    ----------
    model_id
        Name of the model's folder.
    schema
        Path of the JSON schema, as seen from the file.
    """
    out = YamlLines()
    _beginning(out, proposal, model_id, schema)
    _task(out, proposal)
    _windows(out, proposal)
    _source(out, proposal)
    _columns(out, proposal)
    _left_out(out, proposal)
    _labels(out, proposal)
    _reference(out, proposal)
    _further(out, proposal)
    return out.text()


def _beginning(out: YamlLines, proposal: Proposal, model_id: str, schema: str) -> None:
    sample = proposal.sample
    about = "" if sample.exact else "about "
    out.add(0, f"# yaml-language-server: $schema={schema}")
    out.remark(
        0,
        f"Written by `monitoring-assets new` after a look at {sample.table.num_rows:,} of"
        f" {about}{sample.rows:,} rows of {proposal.origin.describe()}.",
    )
    out.remark(
        0,
        'What is marked "guess" may be wrong: read it, mend it, take the mark away. Then:'
        f" `monitoring-assets check {model_id}`.",
    )
    out.add(0, "type: monitoring_assets.MonitoredModel")
    out.add(0, "attributes:")
    out.add(1, 'description: ""', "what the model does, in a sentence")
    out.add(1, "# owners: [team:name]", "e-mail addresses, or team:name")


def _task(out: YamlLines, proposal: Proposal) -> None:
    answers = proposal.answers
    others = " or ".join(one for one in _TASKS if one != answers.task)
    given = answers.task_why.startswith("--")
    why = f"given by {answers.task_why}" if given else f"guess: {answers.task_why}; else {others}"
    out.pair(1, "task", answers.task, why)
    classes = answers.classes
    if classes is None:
        return
    out.add(1, "classification:")
    comment = f"guess: {classes.why}; add any that are missing"
    if sum(map(len, classes.names)) > 60:
        out.add(2, "classes:", comment)
        for name in classes.names:
            out.add(3, f"- {scalar(name)}")
    else:
        out.values(2, "classes", classes.names, comment)
    if classes.positive is not None:
        other = next(one for one in classes.names if one != classes.positive)
        why = f"guess: {classes.positive_why}; else {scalar(other)}"
        out.pair(2, "positive_class", classes.positive, why)
        if classes.probabilities and answers.prediction is None:
            out.add(2, "# decision_threshold: 0.5", "positive from this probability on")


def _windows(out: YamlLines, proposal: Proposal) -> None:
    cut, look = proposal.cut, proposal.event_time
    others = ", ".join(one for one in _GRANULARITIES if one != cut.granularity)
    out.add(1, "windows:")
    out.pair(
        2,
        "granularity",
        cut.granularity,
        f"guess: about {cut.rows:,.0f} rows a {cut.granularity}; else {others}",
    )
    out.pair(2, "start", cut.start, f"guess: {_why_start(cut)}")
    if look.aware:
        out.pair(2, "time_zone", "UTC", "guess: times say their zone; write where days begin")
    else:
        out.pair(2, "time_zone", "UTC", "guess: times have no zone; write where they were taken")
    out.add(2, "# delay: 6 hours", "wait so long after a window's end before computing it")


def _why_start(cut: Cut) -> str:
    data = f"the data goes from {cut.first} to {cut.last}"
    if cut.strays:
        data += f" ({cut.strays:,} stray rows aside)"
    return f"{data}; what lies before is the reference" if cut.start == cut.reference[1] else data


def _source(out: YamlLines, proposal: Proposal) -> None:
    out.add(1, "source:")
    for entry in proposal.origin.source():
        _source_entry(out, entry)
    if not proposal.event_time.aware:
        out.add(2, "# event_time_zone: Europe/Berlin", "if times were taken in another zone")
    if proposal.rename:
        out.add(2, "rename:", "names that every stored row has already")
        for ours, theirs in proposal.rename.items():
            out.pair(3, ours, theirs)
    if proposal.of_role("id"):
        out.add(2, "# on_duplicate: fail", "instead of keep_last, if an id may never occur twice")


def _source_entry(out: YamlLines, entry: SourceEntry) -> None:
    match entry.value:
        case str():
            out.pair(2, entry.name, entry.value, entry.comment)
        case tuple():
            out.values(2, entry.name, entry.value, entry.comment)
        case _:
            out.add(2, f"{entry.name}:", entry.comment)
            for name, value in entry.value.items():
                out.pair(3, name, value)


def _columns(out: YamlLines, proposal: Proposal) -> None:
    out.add(1, "columns:")
    for name in ("event_time", "id"):
        _single(out, proposal, name)
    if not proposal.of_role("id"):
        out.add(2, "# id: order_id", "without it, the file's name and the row number")
    for kind in ("numerical", "categorical"):
        columns = proposal.of_role(kind)
        if columns:
            out.add(2, f"{kind}:", _FEATURES[kind])
            for one in columns:
                out.add(3, f"- {scalar(proposal.ours(one.name))}", _comment(one))
    out.add(2, "# monitored: {numerical: [price]}", "watched, though the model does not see them")
    if not proposal.of_role("target"):
        out.add(2, "# target: label", "the true value; without it quality is unknown")
        out.remark(2, _ELSEWHERE)
    for name in ("target", "prediction", "model_version", "knowledge_time"):
        _single(out, proposal, name)
    _probabilities(out, proposal)


def _single(out: YamlLines, proposal: Proposal, name: str) -> None:
    for one in proposal.of_role(_SINGLE[name]):
        out.pair(2, name, proposal.ours(one.name), _comment(one))


def _comment(one: Assigned) -> str:
    return f"given by {one.why}" if one.given else f"guess: {one.why}"


def _probabilities(out: YamlLines, proposal: Proposal) -> None:
    classes = proposal.answers.classes
    if classes is None or not classes.probabilities:
        return
    answer = "" if proposal.answers.prediction else "; they decide the class, as no column does"
    out.add(2, "probabilities:", f"guess: by their names, values from 0 to 1{answer}")
    for name, one in classes.probabilities.items():
        out.pair(3, name, proposal.ours(one.name))


def _left_out(out: YamlLines, proposal: Proposal) -> None:
    columns = proposal.of_role("left out")
    if columns:
        out.add(2, "# Left out:")
    for one in columns:
        out.add(2, f"#   {quoted(one.name)}: {one.why}")


def _labels(out: YamlLines, proposal: Proposal) -> None:
    delay = proposal.expected_delay
    if delay is not None:
        out.add(1, "labels:")
        why = f"guess: {MOST_LABELS:.0%} of them are known so long after the event"
        out.add(2, f"expected_delay: {_duration(delay)}", why)
        out.add(2, "# overlap: 1 hour", "how long a label may take to show in the data")
    elif proposal.of_role("target"):
        out.add(1, "# labels: {expected_delay: 3 days}", "later, too few labels are overdue")


def _duration(length: timedelta) -> str:
    count, unit = length.days, "day"
    if length % timedelta(days=1):
        count, unit = length // timedelta(hours=1), "hour"
    return f"{count} {unit}{'s' * (count > 1)}"


def _reference(out: YamlLines, proposal: Proposal) -> None:
    cut = proposal.cut
    start, end = cut.reference
    if proposal.answers.none_given:
        out.remark(
            1, "guess: no column holds predictions, so a model is trained here, and watched."
        )
        out.add(1, "model:")
        out.pair(2, "estimator", "hist_gradient_boosting", "or random_forest, linear")
        out.add(2, "training:", "the first part of the data; not after windows.start")
        out.pair(3, "start", start)
        out.pair(3, "end", end, "first day after it")
        return
    out.add(1, "reference:")
    out.add(2, "period:", "guess: the first part of the data is normal; not what it learned from")
    out.pair(3, "start", start)
    out.pair(3, "end", end, "first day after it")
    if proposal.of_role("target"):
        out.remark(1, "To train a model here instead, without `prediction` and `probabilities`:")
        out.add(1, "# model:")
        out.add(1, "#   estimator: hist_gradient_boosting")
        out.add(1, f"#   training: {{start: {start}, end: {end}}}")


def _further(out: YamlLines, proposal: Proposal) -> None:
    number = next((one.name for one in proposal.of_role("numerical")), None)
    if number is not None:
        column = scalar(proposal.ours(number))
        rule = f"{{name: out_of_range, column: {column}, minimum: 0, maximum: 100}}"
        out.add(1, "# filters:", "rows that break one are counted and not scored")
        out.add(1, f"#   - {rule}")
    _segments(out, proposal)
    out.add(1, "# drift: {minimum_rows: 100, dataset_share: 0.5}")
    out.add(1, "# quality: {minimum_labels: 50}")
    if proposal.answers.none_given:
        policy = "{windows_in_a_row: 3, minimum_labelled_rows: 2000}"
        out.add(1, f"# retraining: {policy}", "when quality stays bad")
    webhook = "{webhook: \"{{ env('ALERTS_WEBHOOK') }}\"}"
    out.add(1, f"# notifications: {webhook}", "who hears of alarms")


def _segments(out: YamlLines, proposal: Proposal) -> None:
    """Add slices that would be worth watching, commented out: each costs as much as all rows do."""
    slices = proposal.slices
    if slices is None:
        return
    column = scalar(proposal.ours(slices.column))
    chosen = f"column: {column}" if slices.whole else f"column: {column}, most: {slices.values}"
    unit = proposal.cut.granularity
    why = f"{slices.values} of its values have rows enough in a {unit} to be watched alone"
    out.add(1, "# segments:", "slices of the rows, each with drift and quality of its own")
    out.add(1, f"#   - {{{chosen}}}", f"guess: {why}")
