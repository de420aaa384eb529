"""Who gives a command, as it is noted with what comes of it.

Belongs here: the name of the user. Stays out: whether they may.
"""

import getpass


def this_person() -> str:
    """Return the name of the user whose process this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without a user of that number, as in a container
        return "somebody"
