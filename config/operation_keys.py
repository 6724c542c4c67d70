"""The keys of a system that `config.operations` reads; named here so that it loads only if used."""

OPERATION_KEYS = frozenset(
    {
        "thresholds",
    }
)
