"""A file with all that it includes, as one tree: libraries of installed packages, and files beside it."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from scheduler.errors import InputError, Issue, Place, file_errors, nearest
from scheduler.scenario.merge import joined, patched, without
from scheduler.scenario.strict_yaml import Mapping, decode, parse, place_of

LIBRARIES = "scheduler.libraries"
"""The entry-point group under which a package announces a folder of scenario files."""

TOP_ONLY = frozenset(("schema", "id", "name", "include", "calendar", "goals", "tiers", "pins", "base", "expect"))
"""What an include says for itself but does not hand to the file that includes it."""

LONGEST_CHAIN = 40
"""Files that may include one another in a row; a season needs three or four."""

_LIBRARY_FILE = re.compile(r"([a-z0-9_-]+):([a-z0-9_/-]+)")


class _File(NamedTuple):
    """A file, how messages call it, and the library it belongs to, if any."""

    path: Path
    label: str
    library: str = ""


def read_tree(path: Path, label: str, hint: str = "") -> Mapping:
    """Return the tree of one file; ``hint`` is what to do where it holds nothing.

    Raises InputError where it is not a file of this language, MachineError where it may not be read.
    """
    with file_errors(label, "read"):
        raw = path.read_bytes()
    return parse(decode(raw, label), label, hint)


def read_with_includes(path: Path, issues: list[Issue]) -> Mapping:
    """Return the tree of a file laid over its includes, depth first; what is wrong with an include goes to ``issues``.

    Raises InputError where the file itself is not YAML, MachineError where a file may not be read.
    """
    hint = "start from `scheduler new DIR`, which writes a small scenario that works."
    return _Includes(issues).merged(_File(path, str(path)), (), hint)


def over_includes(tree: Mapping, path: Path, issues: list[Issue]) -> Mapping:
    """Return a tree that is still to be written to ``path``, laid over its includes; what is wrong goes to ``issues``."""
    below = _Includes(issues).below(_File(path, str(path)), tree, ())
    return tree if below is None else patched(below, tree, issues)


class _Includes:
    """Reads each file once, however many others include it."""

    def __init__(self, issues: list[Issue]) -> None:
        self.issues = issues
        self.known: dict[Path, Mapping] = {}

    def merged(self, file: _File, above: tuple[_File, ...], hint: str = "") -> Mapping:
        """Return a file with all that it includes; ``above`` is the chain of files that lead to it."""
        with file_errors(file.label, "read"):
            identity = file.path.resolve()
        if identity not in self.known:
            tree = read_tree(file.path, file.label, hint)
            below = self.below(file, tree, above)
            self.known[identity] = tree if below is None else patched(below, tree, self.issues)
        return self.known[identity]

    def below(self, file: _File, tree: Mapping, above: tuple[_File, ...]) -> Mapping | None:
        """Return the includes of a file as one tree, None where it has none."""
        below: Mapping | None = None
        words = tree.get("include")
        for index, word in enumerate(words if isinstance(words, list) else ()):
            place = place_of(tree, ("include", index))
            found = self._locate(word, file, place) if isinstance(word, str) else None
            part = self._part(found, word, (*above, file), place) if found is not None else None
            if part is not None:
                below = part if below is None else joined(below, part, self.issues)
        return below

    def _part(self, found: _File, word: str, chain: tuple[_File, ...], place: Place) -> Mapping | None:
        """Return what one include hands down, None where it cannot be read."""
        try:
            with file_errors(found.label, "read"):
                identity, is_file = found.path.resolve(), found.path.is_file()
        except InputError as error:
            self.issues += [Issue(place, issue.message) for issue in error.issues]
            return None
        circle = {one.path.resolve() for one in chain}
        if identity in circle:
            way = " -> ".join(one.label for one in (*chain, found))
            self.issues.append(Issue(place, f"{chain[-1].label} includes itself: {way}"))
        elif not is_file:
            beside = [one for one in found.path.parent.glob("*.yaml") if one.resolve() not in circle]
            words = [str(Path(word).parent / one.name) for one in beside]
            if found.library:
                words = [f"{found.library}:{one.stem}" for one in beside]
            self.issues.append(Issue(place, f"there is no file {found.label}", nearest(word, sorted(words))))
        elif len(chain) > LONGEST_CHAIN:
            self.issues.append(Issue(place, f"more than {LONGEST_CHAIN} files include one another in a row"))
        else:
            try:
                return without(self.merged(found, chain), TOP_ONLY)
            except InputError as error:
                self.issues += error.issues
        return None

    def _locate(self, word: str, file: _File, place: Place) -> _File | None:
        """Return the file that an include names."""
        library = _LIBRARY_FILE.fullmatch(word)
        if not library:
            label = f"{file.library}:{word}" if file.library else str(Path(file.label).parent / word)
            return _File(file.path.parent / word, label, file.library)
        points = {point.name: point for point in entry_points(group=LIBRARIES)}
        if library[1] not in points:
            self.issues.append(Issue(place, f"there is no library {library[1]!r}", nearest(library[1], points)))
            return None
        try:
            folder = Path(str(files(points[library[1]].value)))
        except ModuleNotFoundError:
            message = f"the library {library[1]!r} is announced but not installed"
            self.issues.append(Issue(place, message, "install its package again."))
            return None
        return _File(folder / f"{library[2]}.yaml", word, library[1])
