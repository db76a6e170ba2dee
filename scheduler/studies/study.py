"""The file of a study: variants as named changes, and grids that combine one change of each axis.

kind: study
base: forum.plan.json                    # a plan beside this file
variants:
  rain: {patch: rain.yaml}               # a patch beside this file
  no-north: {change: {venues: {...}}}    # a patch written here
  fewer: {capacity: escorts=16, drop: [gala]}
grids:
  closed: {day: {each: {from: 2023-10-16, to: 2023-10-19}, close: "cncc1@{each}"}}
  crowd:
    more: {each: [10, 20, 30], attendance: "all=+{each}%"}
    hub: {choices: {north: {patch: north.yaml}, south: {patch: south.yaml}}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from scheduler.errors import InputError, Issue, Place
from scheduler.load import read_patch
from scheduler.scenario.include import read_tree
from scheduler.scenario.model import Model
from scheduler.scenario.strict_yaml import Items, Mapping, place_of
from scheduler.scenario.units import Date, Id, unusable
from scheduler.scenario.validation import issues_of
from scheduler.studies.patches import composed
from scheduler.studies.short_forms import FORMS, Subject, patch_of

MOST = 100_000
"""Variants of one study."""

_EACH = "{each}"
_Words = list[str] | str


class Change(Model):
    """What is changed: patches in files, one that is written here, short forms."""

    patch: _Words = []
    change: dict[str, Any] = {}
    close: _Words = []
    delay: _Words = []
    drop: _Words = []
    pin: _Words = []
    forbid: _Words = []
    capacity: _Words = []
    attendance: _Words = []


class Days(Model):
    """Every day from a first to a last one."""

    from_: Date
    to: Date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise unusable(f"the last day is {self.to}, before the first, {self.from_}", "swap 'from' and 'to'?")
        return self


class Axis(Change):
    """One dimension of a grid: a change with ``{each}`` in it for each of some values, or named changes."""

    each: Annotated[list[str | int | float], Field(min_length=1)] | Days | None = None
    choices: Annotated[dict[Id, Change], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.each is None) == (self.choices is None):
            raise unusable("an axis has either 'each' or 'choices'", "'each: [10, 20, 30]'?")
        return self

    @property
    def values(self) -> list[str]:
        """The values that ``{each}`` stands for."""
        if isinstance(self.each, Days):
            return [f"{self.each.from_ + timedelta(days=n)}" for n in range((self.each.to - self.each.from_).days + 1)]
        return [str(value) for value in self.each or ()]


class StudyFile(Model):
    """A file of variants."""

    kind: Literal["study"]
    base: str | None = None
    variants: dict[Id, Change] = {}
    grids: dict[Id, Annotated[dict[Id, Axis], Field(min_length=1)]] = {}

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.variants and not self.grids:
            raise unusable("a study has 'variants' or 'grids'", "'variants: {rain: {patch: rain.yaml}}'?")
        return self


@dataclass(frozen=True)
class Variant:
    """A named patch."""

    name: str
    patch: Mapping


@dataclass(frozen=True)
class Study:
    """The variants of a file, still to be made into patches; ``base`` is the path of the plan it names."""

    path: Path
    tree: Mapping
    file: StudyFile

    @property
    def base(self) -> Path | None:
        """The path of the base plan."""
        return self.path.parent / self.file.base if self.file.base is not None else None

    @property
    def count(self) -> int:
        """How many variants there are."""
        total = len(self.file.variants)
        for axes in self.file.grids.values():
            combinations = 1
            for axis in axes.values():
                combinations *= len(axis.choices or axis.values)
            total += combinations
        return total

    def variants(self, subject: Subject) -> list[Variant]:
        """Return every variant with its patch.

        Raises InputError with every issue: short forms that name nothing, patches that contradict one another.
        """
        if self.count > MOST:
            raise InputError([Issue(Place(str(self.path)), f"these are {self.count} variants; {MOST} are the most")])
        reader = _Patches(self.path.parent, subject)
        variants = [Variant(name, reader.patch(self._said("variants", name))) for name in self.file.variants]
        for grid, axes in self.file.grids.items():
            changes = [list(self._along(grid, name, axis, reader)) for name, axis in axes.items()]
            for chosen in product(*changes):
                name = _name(".".join((grid, *(value for value, _ in chosen))))
                patch = chosen[0][1]
                for _, more in chosen[1:]:
                    patch = composed(patch, more, reader.issues)
                variants.append(Variant(name, patch))
        reader.issues += _twice(variants)
        if reader.issues:
            first = {issue.place: issue for issue in reversed(reader.issues)}  # not once for each value of an axis
            raise InputError([first[place] for place in sorted(first)])
        return variants

    def _said(self, *path: str) -> Mapping:
        said: Any = self.tree
        for step in path:
            said = said[step]
        assert isinstance(said, Mapping)
        return said

    def _along(self, grid: str, name: str, axis: Axis, reader: _Patches) -> Iterator[tuple[str, Mapping]]:
        said = self._said("grids", grid, name)
        for choice in axis.choices or ():
            yield choice, reader.patch(said["choices"][choice])
        for value in axis.values:
            yield value, reader.patch(_filled(said, value))


def read_study(path: str | Path) -> Study:
    """Return the study in a file.

    Raises InputError with every issue of its shape; MachineError where it may not be read.
    """
    tree = read_tree(Path(path), str(path), "'kind: study', with 'variants' or 'grids' below it.")
    if tree.get("kind") != "study":
        hint = "it is a patch: --patch?" if "kind" not in tree else "the files are swapped?"
        raise InputError([Issue(tree.place, "this is not a study: it does not say 'kind: study'", hint)])
    file, issues = issues_of(StudyFile, tree, {})
    if file is None:
        raise InputError(issues)
    return Study(Path(path), tree, file)


def asked(words: dict[str, tuple[str, ...]], subject: Subject) -> Variant | None:
    """Return the variant that the short forms of a command line are together, None where there are none.

    Raises InputError where one of them names nothing, or two contradict each other.
    """
    issues: list[Issue] = []
    said = [(form, word) for form in FORMS for word in words.get(form, ())]
    patch: Mapping | None = None
    for form, word in said:
        try:
            more = patch_of(subject, form, word, Place(f"--{form}"))
        except InputError as error:
            issues += error.issues
            continue
        patch = more if patch is None else composed(patch, more, issues)
    if issues:
        raise InputError(issues)
    return Variant(_name(".".join(f"{form}-{word}" for form, word in said)), patch) if patch is not None else None


class _Patches:
    """Makes patches of changes; what is wrong goes to ``issues``."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        self.folder = folder
        self.subject = subject
        self.issues: list[Issue] = []

    def patch(self, said: Mapping) -> Mapping:
        """Return the one patch that a change stands for."""
        patch = Mapping(said.place)
        for file, place in _words(said, "patch"):
            try:
                patch = composed(patch, read_patch(self.folder / file, self.issues), self.issues)
            except InputError as error:
                self.issues += error.issues if (self.folder / file).is_file() else _at(place, error)
        if isinstance(said.get("change"), Mapping):
            patch = composed(patch, said["change"], self.issues)
        for form in FORMS:
            for word, place in _words(said, form):
                try:
                    patch = composed(patch, patch_of(self.subject, form, word, place), self.issues)
                except InputError as error:
                    self.issues += error.issues
        return patch


def _at(place: Place, error: InputError) -> list[Issue]:
    return [Issue(place, f"{issue.place}: {issue.message}", issue.hint) for issue in error.issues]


def _words(said: Mapping, key: str) -> Iterator[tuple[str, Place]]:
    words = said.get(key, [])
    if isinstance(words, Items):
        yield from ((str(word), place_of(said, (key, number))) for number, word in enumerate(words))
    elif isinstance(words, str):
        yield words, said.values_at[key]


def _filled(said: Any, value: str) -> Any:
    """Return a tree with a value for ``{each}``; where it stands alone, a whole number stays a number."""
    if isinstance(said, str):
        if said == _EACH and re.fullmatch(r"-?\d+", value):
            return int(value)
        return said.replace(_EACH, value)
    if isinstance(said, Mapping):
        filled = Mapping(said.place)
        for key, below in said.items():
            filled.put(key.replace(_EACH, value), _filled(below, value), said.keys_at[key], said.values_at[key])
        return filled
    if isinstance(said, Items):
        items = Items(said.place)
        for below, place in zip(said, said.items_at, strict=True):
            items.put(_filled(below, value), place)
        return items
    return said


def _name(words: str) -> str:
    """Return words as a name that files can have too."""
    return re.sub(r"[^A-Za-z0-9_.+%=@-]+", "-", words)[:120]


def _twice(variants: list[Variant]) -> Iterator[Issue]:
    seen: dict[str, Variant] = {}
    for variant in variants:
        if seen.setdefault(variant.name, variant) is not variant:
            yield Issue(variant.patch.place, f"two variants have the name {variant.name!r}")
