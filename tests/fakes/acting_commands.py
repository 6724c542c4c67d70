"""Programs on a script: what was not foreseen is not run."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.clients.acting.commands import Order, Ran
from core.errors import ClientError, ClientMissing
from core.model.text import clean_lines

Answer = Ran | ClientError | Callable[[Order], Ran]


def ran(exit_code: int = 0, output: str = "", errors: str = "", *argv: str) -> Ran:
    """Return how a run ended."""
    said, wrong = clean_lines(output) if output else (), clean_lines(errors) if errors else ()
    return Ran(argv, exit_code, said, wrong, 0, 0.1)


@dataclass
class FakeCommands:
    """Answers by the first words of a command line; the longest answer that fits is given."""

    answers: dict[tuple[str, ...], Answer] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    """Programs that are not installed."""
    orders: list[Order] = field(default_factory=list)

    async def run(self, order: Order) -> Ran:
        self.which(order.argv[0])
        self.orders.append(order)
        fitting = [words for words in self.answers if order.argv[: len(words)] == words]
        if not fitting:
            raise AssertionError(f"nobody foresaw {order.argv}")
        answer = self.answers[max(fitting, key=len)]
        if isinstance(answer, ClientError):
            raise answer
        return answer if isinstance(answer, Ran) else answer(order)

    def which(self, name: str) -> str:
        if name in self.missing:
            raise ClientMissing(f"{name} is not installed here")
        return name if name.startswith("/") else f"/usr/bin/{name}"
