"""What a metric gives back: a number, a number with its interval, or the reason why there is none.

Belongs here: the value types shared by all metrics. Stays out: verdicts, which weigh a number
(evaluation), and numbers themselves.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Undefined:
    """There is no number, and why; never written as NaN, infinity or 0.0.

    Parameters
    ----------
    reason
        A sentence a person understands, without a full stop.

    Examples
    --------
    >>> str(Undefined("the window has no values"))
    'undefined: the window has no values'
    """

    reason: str

    def __str__(self) -> str:
        return f"undefined: {self.reason}"


@dataclass(frozen=True)
class Estimate:
    """A finite number with its 95 % interval.

    Parameters
    ----------
    value
        The metric over the rows at hand.
    interval_low, interval_high
        Ends of the 95 % interval of what the metric would be over ever more such rows; None where
        no normal law applies or there are too few rows.
    """

    value: float
    interval_low: float | None = None
    interval_high: float | None = None
