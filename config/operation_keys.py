"""The keys of a system that `config.operations` reads; here so that it is imported only if used."""

OPERATION_KEYS = frozenset(
    {
        "alerts",
        "backups",
        "circuits",
        "commands",
        "config_files",
        "contacts",
        "env_files",
        "incidents",
        "keys",
        "limits",
        "links",
        "log_views",
        "procedures",
        "redis_keys",
        "repos",
        "retention",
        "runbook",
        "scaling",
        "streams",
        "thresholds",
        "tokens",
        "triggers",
        "tuning",
    }
)
