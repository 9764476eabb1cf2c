"""What can go wrong, each as one sentence for a person."""


class CitewireError(Exception):
    """A failure whose text is one plain sentence: what is wrong and what to do."""


class NotAnArticle(CitewireError):
    """The bytes hold nothing that could be quoted as an article."""


class NotStored(CitewireError):
    """The corpus holds no such article, or can't take this one."""
