"""What was read some time ago, as it would be read now. Pure."""

from dataclasses import replace

from core.clients.keyspace.port import KeyContent


def aged_by(elapsed_s: float, content: KeyContent) -> KeyContent:
    """Return what a key holds some time after it was read, if nobody wrote it: it may be gone."""
    ttl_s = content.look.ttl_s
    if ttl_s is None or elapsed_s <= 0:
        return content
    if elapsed_s >= ttl_s:
        return replace(content, look=replace(content.look, kind="none"))
    return replace(content, look=replace(content.look, ttl_s=ttl_s - elapsed_s))
