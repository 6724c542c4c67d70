"""Which process is the service: whole words, in order, the program first."""

from pathlib import Path

import pytest

from core.clients.process_match import find_family, find_roots, is_match
from tests.fakes.host import process

DATA = Path(__file__).parents[3] / "data" / "system"


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        (["uvicorn"], ["uvicorn", "src.main:app"]),
        (["uvicorn", "a:app"], ["/opt/venv/bin/python3.11", "/opt/venv/bin/uvicorn", "a:app"]),
        (["uvicorn", "src.main:app"], ["uvicorn", "--port", "5000", "src.main:app"]),
        (["uvicorn"], ["python", "-m", "uvicorn", "main:app"]),
        (["python", "-m", "uvicorn"], ["/usr/bin/python3.11", "-m", "uvicorn", "x:app"]),
        (["python3", "app.py"], ["python3", "-u", "app.py"]),
        (["app.py"], ["python3", "-X", "dev", "/srv/app.py"]),
        (["/srv/app.py"], ["python3", "/srv/app.py"]),
        (["server.js"], ["node", "--require", "x", "server.js"]),
        (["run.sh"], ["/bin/sh", "./run.sh"]),
    ],
)
def test_the_service_is_recognised(command: list[str], argv: list[str]) -> None:
    assert is_match(command, argv)


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        (["uvicorn"], ["grep", "uvicorn"]),
        (["uvicorn"], ["vim", "uvicorn.py"]),
        (["uvicorn"], ["vim", "uvicorn"]),
        (["uvicorn"], ["tail", "-f", "uvicorn"]),
        (["uvicorn"], ["uvicorn_notes"]),
        (["uvicorn"], ["sh", "-c", "uvicorn main:app"]),
        (["uvicorn"], ["bash", "-c", "uvicorn"]),
        (["uvicorn"], ["python", "-c", "uvicorn"]),
        (["uvicorn"], ["python", "check.py", "uvicorn"]),
        (["uvicorn", "src.main:app"], ["uvicorn", "other:app"]),
        (["uvicorn", "a", "b"], ["uvicorn", "b", "a"]),
        (["/srv/app.py"], ["python3", "/other/app.py"]),
        ([], ["uvicorn"]),
        (["uvicorn"], []),
        (["python"], ["pythonista"]),
        (["sh"], ["/usr/sbin/sshd"]),
    ],
)
def test_what_only_looks_like_it_is_not_taken(command: list[str], argv: list[str]) -> None:
    assert not is_match(command, argv)


def test_the_greps_and_editors_of_a_real_list_are_not_the_service() -> None:
    rows = (DATA / "ps_aux_none.txt").read_text().splitlines()[1:]
    assert len(rows) == 2
    assert not any(is_match(["uvicorn"], row.split()[10:]) for row in rows)


def test_workers_belong_to_their_parent() -> None:
    parent = process(10, "gunicorn", "app")
    workers = [process(pid, "gunicorn", "app", parent=10) for pid in (11, 12)]
    assert find_roots([*workers, parent]) == (parent,)


def test_a_family_is_all_that_descends_whatever_it_runs() -> None:
    root, child = process(10, "a"), process(11, "b", parent=10)
    grandchild, other = process(12, "c", parent=11), process(13, "a")
    family = find_family(root, [other, grandchild, child, root])
    assert {fact.pid for fact in family} == {10, 11, 12}
