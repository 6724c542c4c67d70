"""The errors that cross module borders.

ConsoleError
├── ConfigError          the configuration cannot be used; says file, line, key and remedy
├── LogError             a log cannot be read as asked
│   ├── LogUnreadableError   the bytes cannot be had (any more)
│   └── QueryError           the query is not one; says at which character
├── TokenError           a text is no token, or none can be made of what is asked
├── ActionError          an action cannot be done as asked, or stopped
│   ├── StepFailedError      a step did not do what it should
│   └── AuditError           the audit log takes no record, or cannot be read: nothing may begin
│       └── AuditBroken      it was edited, cut or taken away: blocked until somebody answers for it
└── ClientError          an outside system did not do what was asked
    ├── ClientTimeout    no answer within the deadline
    ├── ClientRefused    nothing listens, or the connection broke
    ├── ClientUnresolved no name server answers, so that nobody was asked
    ├── ClientDenied     it is there, and we lack the right
    ├── ClientMissing    the tool, socket or object does not exist
    └── ClientGarbled    it answered with something unusable
"""


class ConsoleError(Exception):
    """Root of what we raise on purpose. Its text is one line that says what to do."""


class ConfigError(ConsoleError):
    """The configuration cannot be used."""


class LogError(ConsoleError):
    """A log cannot be read as asked."""


class LogUnreadableError(LogError):
    """The bytes cannot be had, or not any more."""


class QueryError(LogError):
    """The text is not a query. `at_char` counts from 0; `remedy` says what would be one."""

    def __init__(self, text: str, at_char: int, problem: str, remedy: str = "") -> None:
        """Keep the query's text beside the problem, so that both can be shown."""
        super().__init__(f"{problem}{f'; {remedy}' if remedy else ''} (at character {at_char + 1})")
        self.text = text
        self.at_char = at_char
        self.problem = problem
        self.remedy = remedy


class TokenError(ConsoleError):
    """A text is no token that can be taken apart, or none can be made as asked."""


class ClientError(ConsoleError):
    """An outside system did not do what was asked."""


class ClientTimeout(ClientError):
    """No answer within the deadline."""


class ClientRefused(ClientError):
    """Nothing listens, or the connection broke."""


class ClientUnresolved(ClientError):
    """No name server answers: whether the host exists, and how it is, is not known."""


class ClientDenied(ClientError):
    """It is there, and we lack the right."""


class ClientMissing(ClientError):
    """The tool, socket or object does not exist."""


class ClientGarbled(ClientError):
    """It answered with something unusable."""


class ActionError(ConsoleError):
    """An action cannot be done as asked, or stopped; nothing is hidden in between."""


class StepFailedError(ActionError):
    """A step did not do what it should; its text says what was seen."""


class AuditError(ActionError):
    """The audit log takes no record, or cannot be read. No audit, no action."""


class AuditBroken(AuditError):
    """The audit log was edited, cut or taken away; never repaired, only overridden by name."""
