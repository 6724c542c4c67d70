"""Exit codes, the same for every verb."""

OK = 0
TROUBLE = 1
"""Something is degraded, down, or could not be proven ok."""
CONFIG = 2
"""The configuration or the command line cannot be used."""
UNREACHED = 3
"""Nothing could be reached."""
CRASH = 70
INTERRUPTED = 130
PIPE = 141
"""The reader of our output went away."""
