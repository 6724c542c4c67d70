"""The errors that cross module borders.

ConsoleError
├── ConfigError          the configuration cannot be used; says file, line, key and remedy
└── ClientError          an outside system did not do what was asked
    ├── ClientTimeout    no answer within the deadline
    ├── ClientRefused    nothing listens, or the connection broke
    ├── ClientDenied     it is there, and we lack the right
    ├── ClientMissing    the tool, socket or object does not exist
    └── ClientGarbled    it answered with something unusable
"""


class ConsoleError(Exception):
    """Root of what we raise on purpose. Its text is one line that says what to do."""


class ConfigError(ConsoleError):
    """The configuration cannot be used."""


class ClientError(ConsoleError):
    """An outside system did not do what was asked."""


class ClientTimeout(ClientError):
    """No answer within the deadline."""


class ClientRefused(ClientError):
    """Nothing listens, or the connection broke."""


class ClientDenied(ClientError):
    """It is there, and we lack the right."""


class ClientMissing(ClientError):
    """The tool, socket or object does not exist."""


class ClientGarbled(ClientError):
    """It answered with something unusable."""
