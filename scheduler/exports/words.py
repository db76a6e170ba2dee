"""The words that exports add to a plan, from one catalogue a language, side by side where several are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from scheduler.errors import InputError, Issue, Place, file_errors, nearest
from scheduler.scenario.city import Name
from scheduler.scenario.strict_yaml import Mapping, decode, parse

JOINT = " / "
"""Between the same in two languages."""

REFERENCE = "en"
"""The language whose catalogue says what all catalogues hold."""

_SHIPPED = files("scheduler.exports") / "words"
_BRACES = re.compile(r"\{([a-z]*)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language: by key, and those of open sections (layouts, say) by section and word."""

    language: str
    texts: dict[str, str]
    sections: dict[str, dict[str, str]]


class Words:
    """The words of an issue in its languages, the first of them first."""

    def __init__(self, catalogues: Sequence[Catalogue]) -> None:
        self._catalogues = catalogues
        self._names: dict[tuple[str, str | None, str], str] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages, the first of them first."""
        return tuple(catalogue.language for catalogue in self._catalogues)

    def say(self, key: str, joint: str = JOINT, **values: Name | str | int) -> str:
        """Return a text with its values filled in, side by side in all languages."""
        return _joined((_filled(catalogue, key, values) for catalogue in self._catalogues), joint)

    def name(self, name: Name | None, joint: str = JOINT) -> str:
        """Return a name side by side in all languages that it has; nothing for none."""
        if name is None:
            return ""
        key = name.en, name.zh, joint
        if key not in self._names:
            self._names[key] = _joined((spelled(name, language) for language in self.languages), joint)
        return self._names[key]

    def columns(self, key: str, name: Name | None) -> dict[str, str]:
        """Return a name by language, under keys such as ``name_en``; an empty text for none."""
        return {f"{key}_{language}": spelled(name, language) if name else "" for language in self.languages}

    def word(self, section: str, word: str | None, joint: str = JOINT) -> str:
        """Return a word of an open section, as it stands where no catalogue has it; nothing for none."""
        if word is None:
            return ""
        return _joined((c.sections.get(section, {}).get(word, word) for c in self._catalogues), joint)


def spelled(name: Name, language: str) -> str:
    """Return a name in one language, in English where it has no other."""
    return (name.zh if language == "zh" else None) or name.en


def _filled(catalogue: Catalogue, key: str, values: dict[str, Name | str | int]) -> str:
    text = catalogue.texts[key]
    for word, value in values.items():
        text = text.replace(f"{{{word}}}", spelled(value, catalogue.language) if isinstance(value, Name) else str(value))
    return text


def _joined(texts: Iterable[str], joint: str) -> str:
    return joint.join(dict.fromkeys(texts))


def shipped() -> list[str]:
    """Return the languages that come with the program."""
    return sorted(file.name.removesuffix(".yaml") for file in _SHIPPED.iterdir() if file.name.endswith(".yaml"))


def words(languages: Sequence[str], own: Sequence[str | Path] = ()) -> Words:
    """Return the words in some languages; ``own`` are further catalogues, files named by their language (fr.yaml).

    Raises InputError where a language is not known, or a catalogue lacks words.
    """
    found = {Path(file).name.removesuffix(".yaml"): str(file) for file in own}
    catalogues = []
    for language in dict.fromkeys(languages):
        if language in found:
            with file_errors(found[language], "read the catalogue"):
                raw = Path(found[language]).read_bytes()
            catalogues.append(read_catalogue(raw, found[language], language))
        elif language in shipped():
            catalogues.append(read_catalogue((_SHIPPED / f"{language}.yaml").read_bytes(), f"{language}.yaml", language))
        else:
            hint = nearest(language, [*shipped(), *found]) or f"one of {', '.join(sorted({*shipped(), *found}))}?"
            raise InputError([Issue(Place("--lang"), f"there is no catalogue of words for {language!r}", hint)])
    if not catalogues:
        raise InputError([Issue(Place("--lang"), "no language is named", f"'--lang {','.join(shipped())}'?")])
    return Words(catalogues)


def read_catalogue(raw: bytes, label: str, language: str) -> Catalogue:
    """Return a catalogue; raises InputError with all that it lacks of the English one, and all that is in it too much."""
    tree = parse(decode(raw, label), label)
    reference = tree if language == REFERENCE else parse((_SHIPPED / f"{REFERENCE}.yaml").read_text("utf-8"), "en.yaml")
    issues = []
    for key, meant in reference.items():
        if key not in tree:
            if not isinstance(meant, Mapping):
                issues.append(Issue(tree.place, f"the catalogue lacks {key!r}", f"a translation of {meant!r}."))
        elif isinstance(meant, Mapping) != isinstance(tree[key], Mapping):
            wanted = "a section of words" if isinstance(meant, Mapping) else f"a translation of {meant!r}"
            issues.append(Issue(tree.values_at[key], f"{key!r} is not {wanted}"))
        elif not isinstance(meant, Mapping) and set(_BRACES.findall(str(tree[key]))) != set(_BRACES.findall(str(meant))):
            hint = f"keep what stands in braces in {meant!r}."
            issues.append(Issue(tree.values_at[key], f"{key!r} does not speak of what the English text speaks of", hint))
    for key in tree:
        if key not in reference:
            issues.append(Issue(tree.keys_at[key], f"no text is called {key!r}", nearest(key, reference)))
    if issues:
        raise InputError(issues)
    return Catalogue(
        language,
        {key: str(text) for key, text in tree.items() if not isinstance(text, Mapping)},
        {
            key: {word: str(said) for word, said in section.items()}
            for key, section in tree.items()
            if isinstance(section, Mapping)
        },
    )
