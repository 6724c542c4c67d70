"""What the verbs about records in Redis have in common: troubles, progress, ages. Pure."""

from cli.redis_reading import Reading
from core.model.redis_server import Trouble
from core.model.stream import Progress
from core.redis.streams.words import span_words


def seconds(value: float | None) -> float | None:
    """Return seconds with three decimals, or null."""
    return None if value is None else round(value, 3)


def age(age_s: float) -> str:
    """Return an age in words; a stamp ahead of the server's clock says so."""
    return f"{span_words(-age_s)} ahead" if age_s <= -1 else f"{span_words(max(age_s, 0.0))} ago"


def trouble_json(trouble: Trouble | None) -> dict[str, str] | None:
    """Return what is wrong, or null."""
    if trouble is None:
        return None
    return {"word": trouble.word, "text": trouble.text, "remedy": trouble.remedy}


def trouble_lines(reading: Reading) -> list[str]:
    """Return why a server could not be read, and what helps."""
    trouble = reading.trouble
    if trouble is None:
        return []
    remedy = f"; {trouble.remedy}" if trouble.remedy else ""
    return [f"could not look: {reading.spec.server}: {trouble.text}{remedy}"]


def progress_json(progress: Progress) -> dict[str, object]:
    """Return how far a pass over the keys came."""
    return {
        "examined": progress.examined,
        "total": progress.total,
        "is_complete": progress.is_complete,
        "elapsed_s": seconds(progress.elapsed_s),
        "stopped": progress.stopped or None,
    }
