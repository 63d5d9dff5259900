"""How the probe ends and what it says when it cannot go on."""

OK = 0
FAILED = 1  # the far end refused, or a frame is malformed
WRONG = 2  # wrong usage
SILENT = 3  # nobody answered
INTERRUPTED = 130  # Ctrl-C


class UsageError(Exception):
    """It was asked for what cannot be; the text is one line that says what to do."""
