"""What can be wrong with an index, as sentences for a person."""

from corpus.errors import CitewireError


class NoIndex(CitewireError):
    """There is no index that may be searched."""


class Away(CitewireError):
    """The index or what encodes for it is on another machine, which does not answer now: ask again later."""


class Full(Away):
    """There is no room for more on the machine that keeps the index."""


class Unverified(CitewireError):
    """A generation that was built does not hold what it should; it is not published."""


class Busy(CitewireError):
    """An index is being made already."""


class NoWayBack(CitewireError):
    """There is no generation before the one that serves, or none that may serve."""


class ModelError(CitewireError):
    """The model can't be found, or is not what it should be."""
