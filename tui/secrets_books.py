"""The composition root of the inventory of secrets; loaded when somebody looks at them."""

from collections.abc import Mapping

from core.clients.clock import Clock
from core.clients.secret_files import LocalSecretFiles
from core.errors import ClientError
from core.keys.ids import key_ids_of, keys_folder
from core.keys.secrets.ages import SecretAges
from core.keys.secrets.book import SecretsBook
from core.model.operation import OperationsSpec
from core.model.state import StateFolders
from core.model.topology import Topology


def secrets_books(
    topology: Topology,
    operations: Mapping[str, OperationsSpec],
    clock: Clock,
    folders: StateFolders | None = None,
) -> tuple[SecretsBook, ...]:
    """Return a book for every system; without `folders`, secrets are as old as their files."""
    files, ages = LocalSecretFiles(), _ages_of(folders)
    return tuple(
        SecretsBook(system, operations[system.name], files, clock, ages)
        for system in topology.systems
        if system.name in operations
    )


def _ages_of(folders: StateFolders | None) -> SecretAges | None:
    if folders is None:
        return None
    try:
        mark = key_ids_of(folders).mark
    except ClientError:  # a state folder that cannot be written: then files tell the age
        return None
    return SecretAges(keys_folder(folders) / "secret-ages.json", mark)
