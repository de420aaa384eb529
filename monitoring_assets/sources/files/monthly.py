"""Monthly files of trips in a folder: which are wanted, which are there, which have to be fetched.

Belongs here: months, what is remembered of the server's answers, what a missing month means. Stays
out: fetching one file (download.py), reading (rows.py).
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets.sources.files.download import Answer, download

_LOG = logging.getLogger(__name__)

_FAILED_WAIT = 600
"""Seconds until a server that failed is asked again in this process. A backfill reads its source
for every window: each would wait 20 s for a dead server. Ten minutes later a process that runs for
months goes on by itself."""

_UNPUBLISHED_WAIT = 3600
"""Seconds until a month that was not published is asked for again: a new one comes once a month."""

_MARGIN = timedelta(days=1)
"""How far trips of a month are looked for in the files beside it: those across midnight."""

_NOT_ASKED: Final = Answer("unreachable", "it was not asked for: a month before it is missing")

_answers: dict[str, tuple[float, Answer]] = {}
"""Server and file, or server and folder -> until when the last answer holds, and that answer."""

_warned: set[str] = set()


@dataclass(frozen=True, kw_only=True)
class MonthlyFiles:
    """Files `<trips>_tripdata_YYYY-MM.parquet` of a folder, and where missing ones come from.

    Parameters
    ----------
    model_id
        For messages.
    trips
        First word of the names.
    folder
        Where they are kept.
    url
        Where they are published.
    first, last
        First days of the first and last wanted months; without the last, all there are.
    zone
        Time zone of the trips.
    """

    model_id: str
    trips: str
    folder: Path
    url: str
    first: date
    last: date | None
    zone: str

    @property
    def pattern(self) -> str:
        """Names of the files in the folder."""
        return f"{self.trips}_tripdata_{'[0-9]' * 4}-{'[0-9]' * 2}.parquet"

    @property
    def shown_url(self) -> str:
        """The URL without user and password."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def complete(self) -> None:
        """Fetch the wanted months that are missing, in order, up to the first unpublished one.

        Nothing is raised: whoever reads asks `require` whether something lacks that is needed.
        A broken month does not keep the next one from coming; after two of them in a row what
        answers there is taken for something else than the publisher, and left alone.
        """
        broken = 0
        for month in self._months():
            if _is_there(self._path(month)):
                continue
            outcome = self._asked(month).outcome
            broken = broken + 1 if outcome == "broken" else 0
            if outcome not in ("kept", "broken") or broken == 2:
                return

    def require(self, start: datetime | None, end: datetime | None) -> None:
        """Refuse to go on without a month that trips of [start, end) may lie in.

        Needed are months that came broken, and those that could not be fetched although a later one
        is there: without them a window would be complete and wrong. Months that are not published,
        and those after the newest file while the server is dead, count as not there yet.

        Raises
        ------
        SourceUnavailableError
            Such a month is missing, or there is no file at all.
        """
        self.require_any()
        for month, answer in self._lacking():
            begin, finish = self._midnight(month), self._midnight(_next(month))
            if start is None or end is None or (begin - _MARGIN < end and start < finish + _MARGIN):
                raise SourceUnavailableError(
                    f"model '{self.model_id}': {self._path(month)} is needed, and could not be"
                    f" fetched from {self.shown_url} ({answer.reason}). Try again later, or put the"
                    " file there; what is read without this month stays as it is"
                )

    def require_any(self) -> None:
        """Raise a `SourceUnavailableError` if there is no file at all."""
        if not self.newest():
            raise SourceUnavailableError(
                f"model '{self.model_id}': {self.folder} holds no {self.trips}_tripdata_YYYY-MM"
                f".parquet, and {self._path(self.first).name} could not be fetched from"
                f" {self.shown_url} ({self._remembered(self.first).reason}). Try again later, put"
                " the files there, or set TLC_TRIP_DATA_URL to where they are published"
            )

    def newest(self) -> date | None:
        """Return the first day of the newest month that is there."""
        names = [path.name for path in self.folder.glob(self.pattern) if _is_there(path)]
        return date.fromisoformat(f"{max(names)[-15:-8]}-01") if names else None

    def ends(self) -> datetime | None:
        """Return when the newest month that is there ends: later trips in it are stray ones."""
        newest = self.newest()
        return newest and self._midnight(_next(newest))

    def nothing_published(self) -> bool:
        """Return whether there is no file because not even the first month is published."""
        return not self.newest() and self._remembered(self.first).outcome == "unpublished"

    def _lacking(self) -> Iterator[tuple[date, Answer]]:
        newest = self.newest() or self.first
        for month in self._months():
            answer = self._remembered(month)
            if _is_there(self._path(month)):
                continue
            if answer.outcome == "broken" or (month < newest and answer.outcome != "unpublished"):
                yield month, answer
            elif month > newest:
                return

    def _asked(self, month: date) -> Answer:
        for key in (self._place, self._key(month)):
            until, answer = _answers.get(key, (0.0, _NOT_ASKED))
            if time.monotonic() < until:
                return answer
        answer = download(self._url(month), self._path(month))
        if answer.outcome == "kept":
            return answer
        everywhere = answer.outcome in ("unreachable", "not_writable")
        wait = _UNPUBLISHED_WAIT if answer.outcome == "unpublished" else _FAILED_WAIT
        _answers[self._place if everywhere else self._key(month)] = time.monotonic() + wait, answer
        if everywhere or answer.outcome == "broken":
            self._warn(month, answer)
        return answer

    def _warn(self, month: date, answer: Answer) -> None:
        """Say once a process what is wrong: every window meets it again."""
        if self._place not in _warned:
            _warned.add(self._place)
            _LOG.warning(
                "model '%s': %s could not be fetched from %s into %s (%s); going on with the files"
                " that are there, trying again every %d minutes",
                self.model_id,
                self._path(month).name,
                self.shown_url,
                self.folder,
                answer.reason,
                _FAILED_WAIT // 60,
            )

    def _remembered(self, month: date) -> Answer:
        for key in (self._key(month), self._place):
            if key in _answers:
                return _answers[key][1]
        return _NOT_ASKED

    def _months(self) -> Iterator[date]:
        month = self.first
        while self.last is None or month <= self.last:
            yield month
            month = _next(month)

    @property
    def _place(self) -> str:
        return f"{self.url} -> {self.folder}"

    def _key(self, month: date) -> str:
        return f"{self.url} -> {self._path(month)}"

    def _url(self, month: date) -> str:
        return f"{self.url}/{self._path(month).name}"

    def _path(self, month: date) -> Path:
        return self.folder / f"{self.trips}_tripdata_{month:%Y-%m}.parquet"

    def _midnight(self, day: date) -> datetime:
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def _is_there(path: Path) -> bool:
    """Return whether a file holds anything; readers leave out one that does not."""
    return path.exists() and path.stat().st_size > 0


def _next(month: date) -> date:
    return month_of(month + timedelta(days=31))
