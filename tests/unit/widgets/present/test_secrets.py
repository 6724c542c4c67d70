"""Secrets are names, places and ages."""

from dataclasses import replace

from bench.scene import NOW
from bench.scene_keys import keys_picture
from core.model.keys_view import KeysPicture
from core.model.text import EMPTY, clean
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.secrets import (
    secret_cells,
    secret_key,
    secret_lines,
    secret_search,
    secret_sort,
    secrets_absence,
    secrets_notes,
    secrets_of,
    secrets_summary,
)

PICTURE = keys_picture(NOW)
ROWS = {str(row.name): row for row in secrets_of(PICTURE)}
JWT, GOOGLE, REDDIT = ROWS["JWT_SECRET"], ROWS["GOOGLE_API_KEY"], ROWS["REDDIT_API_KEY"]


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in one) for one in lines)


def test_those_with_findings_come_first() -> None:
    found = [bool(row.findings) for row in secrets_of(PICTURE)]
    assert found == [True] * 3 + [False] * 4


def test_a_row_tells_state_age_places_and_users() -> None:
    cells = [text_of((cell,)) for cell in secret_cells(JWT)]
    assert cells[:5] == ["● set", "JWT_SECRET", "business-engine", "402d", ".env +1"]
    assert cells[5:7] == ["api, worker, manager", "random, ours"]
    assert cells[7] == "▲ in git: docker-compose.yml +1"
    assert text_of((secret_cells(REDDIT)[0],)) == "○ not set"
    assert text_of((secret_cells(REDDIT)[3],)) == "–"
    assert len(secret_sort(JWT)) == len(cells)


def test_who_makes_a_new_one_is_told() -> None:
    assert "random and ours: x makes a new one" in text_of(secret_lines(JWT, 80))
    assert "Google makes it" in text_of(secret_lines(GOOGLE, 80))
    nobody = replace(GOOGLE, provider=EMPTY, used_by=(), places=())
    said = text_of(secret_lines(nobody, 80))
    assert "whoever gave it" in said
    assert "no service that is known" in said
    assert "No file, unit or process" in said


def test_every_place_is_told_with_its_line_and_mode() -> None:
    said = text_of(secret_lines(JWT, 120))
    assert "/srv/business-engine/.env:3" in said
    assert "/srv/business-engine/docker-compose.yml:48" in said
    assert "0644 root:root" in said


def test_what_a_secret_says_of_itself_is_told() -> None:
    said = text_of(secret_lines(replace(JWT, notes=(clean("role anon, for 9 y"),)), 80))
    assert "role anon" in said


def test_the_summary_and_the_files_that_could_not_be_read() -> None:
    said = text_of((secrets_summary(PICTURE, 200),))
    assert said.startswith("7 secrets in 2 systems   ▲ 3 with findings   ○ 1 not set")
    assert text_of(secrets_notes(PICTURE, 200)).startswith("✖ api-gateway: /etc/gateway")


def test_not_looked_at_none_and_unreadable_are_three_texts() -> None:
    unreadable = replace(PICTURE, secrets=(replace(PICTURE.secrets[1], rows=()),))
    pictures = (
        KeysPicture(is_read=True),
        KeysPicture(is_read=True, are_secrets_read=True),
        unreadable,
    )
    assert len({text_of((secrets_absence(one),)) for one in pictures}) == 3


def test_a_filter_finds_names_services_and_findings() -> None:
    said = secret_search(JWT)
    assert all(word in said for word in ("JWT_SECRET", "worker", "in git", ".env"))


def test_hostile_names_stay_text_and_in_their_room() -> None:
    for text in CORPUS:
        row = replace(JWT, name=clean(text), findings=(clean(text),), used_by=(text,))
        assert secret_key(row) == f"business-engine/{clean(text)}"
        for line in (*secret_lines(row, 60), *secret_cells(row)):
            assert all(part.text == clean(part.text, 99_999) for part in line)
        assert all(width_of(one) <= 60 for one in secret_lines(row, 60))
