"""A file's class comes from the log that it belongs to, never from a glob that takes it along."""

from core.logs.keeping.classes import ClassBasis, classify
from core.logs.keeping.rules import DEFAULT_RULES, LogClaim

SWEEPING = LogClaim("cost/api/rotated", "/srv/logs/*.log.*", "application")
APP = LogClaim("cost/api/app", "/srv/logs/app.log", "application")
AUDIT = LogClaim("cost/api/audit", "/srv/logs/audit.log", "audit")
DATED = LogClaim("diy/app/api", "/srv/logs/ai_diy_api_%Y%m%d.jsonl", "application")


def test_a_rotated_audit_log_under_an_application_glob_is_an_audit_log() -> None:
    found = classify("/srv/logs/audit.log.2026-01-01", (SWEEPING, APP, AUDIT), DEFAULT_RULES)
    assert (found.name, found.basis, found.log) == ("audit", ClassBasis.NAMED, "cost/api/audit")
    assert found.others == ("application",)


def test_it_is_one_even_where_nobody_configured_the_audit_log() -> None:
    found = classify("/srv/logs/audit.log.2026-01-01", (SWEEPING,), DEFAULT_RULES)
    assert (found.name, found.basis) == ("audit", ClassBasis.WORD)
    assert found.others == ("application",)


def test_what_the_operator_names_outright_is_believed() -> None:
    own = LogClaim("x", "/srv/logs/audit.log", "application")
    found = classify("/srv/logs/audit.log.1", (own,), DEFAULT_RULES)
    assert (found.name, found.basis) == ("application", ClassBasis.NAMED)


def test_among_globs_the_class_that_is_kept_longest_wins_in_any_order() -> None:
    wide = LogClaim("x", "/srv/logs/*", "application")
    long = LogClaim("y", "/srv/logs/s*", "security")
    for claims in ((wide, long), (long, wide)):
        assert classify("/srv/logs/sec.txt", claims, DEFAULT_RULES).name == "security"


def test_a_class_without_a_rule_is_never_made_shorter_by_a_glob_with_one() -> None:
    legal = LogClaim("y", "/srv/logs/s*", "legal")
    wide = LogClaim("x", "/srv/logs/*", "application")
    assert classify("/srv/logs/sec.txt", (wide, legal), DEFAULT_RULES).name == "legal"


def test_the_path_that_is_written_to_is_told_from_what_it_became() -> None:
    claims = (APP, DATED)
    for name in ("app.log", "ai_diy_api_20260314.jsonl"):
        assert classify(f"/srv/logs/{name}", claims, DEFAULT_RULES).is_live_path, name
    for name in ("app.log.1", "app.log.gz", "ai_diy_api_20260314.jsonl.gz", "app.log-20260301"):
        found = classify(f"/srv/logs/{name}", claims, DEFAULT_RULES)
        assert found.name == "application", name
        assert not found.is_live_path, name


def test_files_of_nobody_have_no_class() -> None:
    for path in ("/srv/logs/notes.txt", "/srv/other/app.log", "/srv/logs/my_app.log", "app.log"):
        found = classify(path, (APP, DATED), DEFAULT_RULES)
        assert (found.name, found.basis) == ("", ClassBasis.NONE), path


def test_globs_follow_the_shell() -> None:
    def fits(pattern: str, path: str) -> bool:
        return bool(classify(path, (LogClaim("x", pattern),), DEFAULT_RULES).name)

    assert fits("/srv/*/app.log", "/srv/one/app.log")
    assert not fits("/srv/*/app.log", "/srv/one/two/app.log")
    assert fits("/srv/**/app.log", "/srv/one/two/app.log")
    assert fits("/srv/w[0-9].txt", "/srv/w7.txt")
    assert not fits("/srv/w[!0-9].txt", "/srv/w7.txt")
    assert not fits("/srv/w?.txt", "/srv/w12.txt")
    assert not fits("/srv/a.txt", "/srv/abtxt")
