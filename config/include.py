"""Reads a configuration with everything it includes and every profile it starts from."""

from collections.abc import Mapping as Env
from pathlib import Path

from config.files import FileRefused, Kind, read_private
from config.merge import merge
from config.problems import ConfigProblems, Place, Problem, nearest, word
from config.references import ReferenceBroken, expand
from config.yaml_reader import parse_tree
from config.yaml_tree import Listing, Mapping, Node, Scalar

PROFILES = Path(__file__).parent / "profiles"
_MAX_FILES = 200


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the program."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.yaml")))


def read_document(path: Path, env: Env[str, str]) -> tuple[Mapping, tuple[Problem, ...]]:
    """Return the merged tree of a configuration file, and what of it could not be merged.

    Problems are includes and profiles that cannot be used; the rest of the tree is there.

    Raises:
        ConfigProblems: the file itself cannot be used or is not YAML.
    """
    reader = _Reader(env)
    tree = reader.read(str(path), _kind_of(path), Place(str(path)), ())
    if tree is None:
        raise ConfigProblems(reader.problems)
    return reader.with_profiles(tree), tuple(reader.problems)


def _kind_of(path: Path) -> Kind:
    return "shipped" if path.resolve().parent == PROFILES.resolve() else "configuration"


class _Reader:
    """Reads files, remembering what is wrong with them instead of stopping at the first."""

    def __init__(self, env: Env[str, str]) -> None:
        self.problems: list[Problem] = []
        self._env = env
        self._files = 0

    def read(
        self, path: str, kind: Kind, asked_at: Place, chain: tuple[str, ...]
    ) -> Mapping | None:
        """Return a file's tree with its includes beneath it; None when there is a problem."""
        real = str(Path(path).resolve())
        if real in chain:
            self._add(asked_at, "include", "a circular include", "remove this line")
            return None
        self._files += 1
        if self._files > _MAX_FILES:
            self._add(asked_at, "include", f"more than {_MAX_FILES} files", "include fewer")
            return None
        tree = self._tree(path, kind, asked_at)
        if tree is None:
            return None
        base: Node | None = None
        for entry in self._includes(tree):
            below = self._included(entry, path, (*chain, real))
            base = merge(base, below)
        merged = merge(base, tree)
        return merged if isinstance(merged, Mapping) else tree

    def with_profiles(self, tree: Mapping) -> Mapping:
        """Return the tree with every system laid over the profile it names."""
        systems = tree.entries.get("systems")
        if not isinstance(systems, Mapping):
            return tree
        done = {
            name: self._over_profile(name, system, ()) for name, system in systems.entries.items()
        }
        entries = tree.entries | {"systems": Mapping(systems.place, done)}
        return Mapping(tree.place, entries)

    def _over_profile(self, name: str, system: Node, chain: tuple[str, ...]) -> Node:
        asked = system.entries.get("profile") if isinstance(system, Mapping) else None
        if not isinstance(asked, Scalar) or not isinstance(asked.value, str):
            return system
        key = f"systems.{name}.profile"
        path = self._profile_path(asked.value, asked.place, key)
        if path is None:
            return system
        real = str(path.resolve())
        if real in chain:
            self._add(asked.place, key, "a circular profile", "start from another profile")
            return system
        tree = self.read(str(path), _kind_of(path), asked.place, ())
        systems = tree.entries.get("systems") if tree is not None else None
        if not isinstance(systems, Mapping) or len(systems.entries) != 1:
            if tree is not None:
                what = f"{path} does not describe exactly one system"
                self._add(asked.place, key, what, "keep one system in a profile")
            return system
        base = self._over_profile(name, next(iter(systems.entries.values())), (*chain, real))
        return merge(base, system) or system

    def _profile_path(self, profile: str, place: Place, key: str) -> Path | None:
        if "/" in profile or profile.endswith((".yaml", ".yml")):
            return Path(place.file).parent / Path(profile)
        known = shipped_profiles()
        if profile in known:
            return PROFILES / f"{profile}.yaml"
        self._add(place, key, f"no profile is called {word(profile)}", nearest(profile, known))
        return None

    def _tree(self, path: str, kind: Kind, asked_at: Place) -> Mapping | None:
        try:
            tree = parse_tree(read_private(path, kind), path)
        except FileRefused as refused:
            is_itself = asked_at.file == path
            what = refused.what if is_itself else f"{path}: {refused.what}"
            self._add(asked_at, "" if is_itself else "include", what, refused.remedy)
            return None
        except ConfigProblems as found:
            self.problems += found.problems
            return None
        if not isinstance(tree, Mapping):
            self._add(tree.place, "", "should hold keys and values", "start with `version: 1`")
            return None
        return tree

    def _includes(self, tree: Mapping) -> tuple[Scalar, ...]:
        asked = tree.entries.get("include")
        if isinstance(asked, Listing):
            # What is not a text is named by the model's own check of `include`.
            return tuple(one for one in asked.items if isinstance(one, Scalar))
        return ()

    def _included(self, entry: Scalar, from_file: str, chain: tuple[str, ...]) -> Node | None:
        if not isinstance(entry.value, str):
            return None
        try:
            text = expand(entry.value, self._env)
        except ReferenceBroken as broken:
            self._add(entry.place, "include", broken.what, broken.remedy)
            return None
        if text.startswith("profile:"):
            return self._profile_alone(text.removeprefix("profile:").strip(), entry.place)
        path = Path(text) if text[:1] != "~" else Path(self._env.get("HOME", "~") + text[1:])
        whole = str(Path(from_file).parent / path)
        return self.read(whole, "configuration", entry.place, chain)

    def _profile_alone(self, profile: str, place: Place) -> Node | None:
        """Return a system that is its profile and nothing else."""
        name = Path(profile).stem
        system = Mapping(place, {"profile": Scalar(place, profile)})
        return Mapping(place, {"systems": Mapping(place, {name: system})})

    def _add(self, place: Place, key: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(place, key, what, remedy))
