"""What a set's own definition says of a plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Violations that have to be 0, and penalties, already weighted; both by the names the set gives them."""

    violations: dict[str, int]
    penalties: dict[str, int]

    @property
    def valid(self) -> bool:
        """Whether the set would take the plan at all."""
        return not any(self.violations.values())

    @property
    def total(self) -> int:
        """The set's figure, lower is better."""
        return sum(self.penalties.values())

    def __str__(self) -> str:
        verdict = "valid" if self.valid else f"NOT VALID, {sum(self.violations.values())} violations"
        return f"score {self.total}: {_listed(self.penalties)}\n{verdict}: {_listed(self.violations)}"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
