"""One request to a webhook, whose address is a secret.

Belongs here: that it ends in time whatever the other side does, and that nobody reads the address
in what it leaves behind. Stays out: messages (sending.py).
"""

import logging
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import requests

_THREAD: Final = "monitoring_assets: webhook"

_LOGS: Final = ("connection", "connectionpool", "poolmanager", "response", "util.retry")
"""What urllib3 logs by; all but the first write addresses there."""

_WORDS: Final = re.compile(rb"[a-z]+([_ ][a-z]+)*")
_SHOWN: Final = 60
"""Characters that a receiver's reason may have; Slack's longest, such as 'channel_is_archived', are
half as long. Whatever else it answers may repeat the address, and is not kept."""


class Unreachable(Exception):  # noqa: N818 - what it says, not an error of ours
    """The receiver has not answered, or not in time; never names its address."""


def post(address: str, content: Mapping[str, str], seconds: float) -> str | None:
    """Post JSON; return what the receiver said against it, None if it took it.

    A redirection is not followed: the address that was given is the one that is trusted.

    Raises
    ------
    Unreachable
        There is no answer after so many seconds, or nobody can be reached.
    """
    import requests  # noqa: F401 - here, since its import takes a while: not the receiver's fault

    answers: list[str | Unreachable | None] = []
    # Limits of sockets count from byte to byte: a receiver that sends one a second would hold us
    # for ever, a name server has limits of its own. Hence a thread, left behind if need be.
    worker = threading.Thread(
        target=lambda: answers.append(_answer(address, content, seconds)),
        name=_THREAD,
        daemon=True,
    )
    _keep_out_of_logs()
    worker.start()
    worker.join(seconds)
    answer = answers[0] if answers else Unreachable(f"no answer within {seconds:.0f} s")
    if isinstance(answer, Unreachable):
        raise answer
    return answer


def _answer(address: str, content: Mapping[str, str], seconds: float) -> str | Unreachable | None:
    import requests

    try:
        with requests.post(
            address, json=dict(content), timeout=seconds, allow_redirects=False, stream=True
        ) as answer:
            if 200 <= answer.status_code < 300:
                return None
            return f"it answers {answer.status_code}{_reason(answer)}"
    except Exception as error:  # noqa: BLE001 - whatever it is: its text may hold the address
        return Unreachable(f"it cannot be reached ({type(error).__name__})")


def _reason(answer: "requests.Response") -> str:
    """Return the receiver's word for what is wrong, as Slack gives one: ': no_service'."""
    said = answer.raw.read(_SHOWN + 1).strip()
    if len(said) > _SHOWN or not _WORDS.fullmatch(said):
        return ""
    words = said.decode()
    repeated = set(re.split("[_ ]", words)) & set(re.findall("[a-zA-Z0-9]+", answer.url))
    return "" if repeated else f": {words}"


def _keep_out_of_logs() -> None:
    for name in _LOGS:
        logging.getLogger(f"urllib3.{name}").addFilter(_is_ours_to_tell)


def _is_ours_to_tell(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD
