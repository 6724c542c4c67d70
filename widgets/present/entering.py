"""What is said of a secret that is being entered: how long it is, and why it is refused. Pure."""

from core.model.secret import Secret
from widgets.present.line import Line, Tone, line, span
from widgets.present.numbers import plural

MOST_CHARS = 64 * 1024


def entered_line(count: int, *, is_presenting: bool) -> Line:
    """Return what stands in the place of a secret; while others look not even its length.

    Args:
        count: Characters.
        is_presenting: Others look.
    """
    prompt, cursor = span("> ", Tone.KEY, bold=True), span("▏", Tone.TITLE)
    if not count:
        return line(prompt, cursor, span("nothing entered", Tone.DIM))
    said = "entered" if is_presenting else f"{plural(count, 'character')} entered, not shown"
    return line(prompt, cursor, span(said, Tone.TITLE))


def problem_with(secret: Secret) -> str:
    """Return why an entered value is no secret that can be written; empty: it is one."""
    value = secret.reveal()
    if not value:
        return "nothing was entered"
    if len(value) > MOST_CHARS:
        return f"longer than {MOST_CHARS:,} characters"
    if len(value.splitlines()) > 1:
        return "several lines: hand it over as value=file:/path instead"
    if not value.isprintable():
        return "it has characters that cannot be seen: copy it once more"
    return ""
