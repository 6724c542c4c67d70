"""What is known of the secrets of one system: names, places, ages, findings."""

from collections.abc import Iterable

from core.clients.clock import Clock
from core.clients.secret_files import SecretFiles
from core.keys.secrets.ages import SecretAges
from core.keys.secrets.holdings import ENV_FILE, Gathering, Holding
from core.keys.secrets.judging import judge_address, judge_value
from core.keys.secrets.names import is_signing, provider_name
from core.model.operation import OperationsSpec
from core.model.secret import Secret
from core.model.secret_view import SecretRow, SecretsView
from core.model.text import SafeText, clean
from core.model.topology import SystemSpec


class SecretsBook:
    """Looks at the files of a system whenever it is asked to.

    Args:
        system: What is watched.
        operations: What may be done to it.
        files: Reads.
        clock: Tells what is old.
        ages: Since when secrets are what they are; None: as old as their files.
    """

    def __init__(
        self,
        system: SystemSpec,
        operations: OperationsSpec,
        files: SecretFiles,
        clock: Clock,
        ages: SecretAges | None = None,
    ) -> None:
        self._system, self._operations = system, operations
        self._files, self._clock, self._ages = files, clock, ages
        self._signing = {one.secret_variable for one in operations.tokens if one.secret_variable}
        self._values: tuple[tuple[str, Secret], ...] = ()

    @property
    def values(self) -> tuple[Secret, ...]:
        """What the last look found, for whoever has to hide it."""
        return tuple(dict.fromkeys(value for _, value in self._values))

    @property
    def named_values(self) -> tuple[tuple[str, Secret], ...]:
        """The same with their names, for whoever looks where else they stand."""
        return self._values

    def look(self) -> SecretsView:
        """Return what is known now."""
        gathering = Gathering(self._system, self._operations, self._files)
        gathering.gather()
        grouped: dict[str, list[Holding]] = {}
        for one in gathering.holdings:
            grouped.setdefault(one.name, []).append(one)
        rows = tuple(self._row(name, grouped[name], gathering) for name in sorted(grouped))
        if self._ages:
            self._ages.save()
        held = ((one.name, one.value) for one in gathering.holdings if one.value)
        self._values = tuple(dict.fromkeys(held))
        return SecretsView(self._system.name, rows, tuple(dict.fromkeys(gathering.problems)))

    def _row(self, name: str, held: list[Holding], gathering: Gathering) -> SecretRow:
        own = next((one for one in held if one.value and not one.is_copy), None)
        found, notes = self._judged(name, own, gathering)
        found = [*found, *_about_places(held), *(text for one in held for text in one.findings)]
        if not own and any(one.spec and one.spec.is_required for one in held):
            found.insert(0, SafeText("empty, and required"))
        is_ours = name in self._signing or is_signing(name)
        places = dict.fromkeys(one.place for one in held if one.value is not None or not own)
        return SecretRow(
            system=self._system.name,
            name=clean(name, 120),
            places=tuple(places),
            used_by=tuple(dict.fromkeys(user for one in held for user in one.used_by)),
            is_set=own is not None,
            age_s=self._age_s(name, own),
            is_rotatable=is_ours and any(one.place.kind == ENV_FILE for one in held),
            provider=provider_name(name),
            findings=tuple(dict.fromkeys(found)),
            notes=tuple(notes),
        )

    def _judged(
        self, name: str, own: Holding | None, gathering: Gathering
    ) -> tuple[list[SafeText], list[SafeText]]:
        found, notes = list[SafeText](), list[SafeText]()
        if own is not None and own.value is not None:
            now_s = self._clock.now().timestamp()
            wrong, said = judge_value(name, own.value, now_s, is_of_tokens=name in self._signing)
            found += wrong
            notes += said
            if own.value.reveal() in gathering.template_of(name):
                found.append(SafeText("as in the template: everybody who has that knows it"))
        for variable, value in _addresses_of(name, gathering.addresses.items()):
            wrong_one, note = judge_address(variable, value)
            found += [wrong_one] if wrong_one else []
            notes += [note] if note else []
        return found, notes

    def _age_s(self, name: str, own: Holding | None) -> float | None:
        if own is None or own.value is None or own.place.changed is None:
            return None
        now_s, changed_s = self._clock.now().timestamp(), own.place.changed.timestamp()
        if self._ages is None:
            return max(0.0, now_s - changed_s)
        key = f"{self._system.name}/{name}"
        return max(0.0, now_s - self._ages.since_s(key, own.value.reveal(), changed_s, now_s))


def _about_places(held: list[Holding]) -> list[SafeText]:
    """Return what is wrong with a secret that stands in several files."""
    values = {one.value for one in held if one.value is not None and one.place.kind == ENV_FILE}
    if len(values) < 2:
        return []
    paths = dict.fromkeys(one.place.where.rpartition("/")[2] for one in held if one.value)
    return [clean(f"differs between {', '.join(paths)}")]


def _addresses_of(name: str, addresses: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the addresses that a key is for: `SUPABASE_URL` is that of `SUPABASE_SERVICE_KEY`."""
    head = name.partition("_")[0]
    return [one for one in addresses if provider_name(name) and one[0] == f"{head}_URL"]
