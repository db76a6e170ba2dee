"""A linear programme whose answers are whole numbers that are proved: its duals, rounded, in exact arithmetic.

Any multipliers of the rows, of the right signs, give a bound; the solver's are good ones. What is claimed is computed from
them over the boxes of the columns and the places of each session, never taken from the solver.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

AVAILABLE = find_spec("scipy") is not None
"""Whether linear programmes can be solved here: scipy is installed."""

Linear = list[tuple[range, int]]
"""A linear expression: ranges of columns, each with the factor of all its columns."""

Numbers = npt.NDArray[np.int64]

LARGEST = 2**31 - 1
"""No column that measures something is ever greater: points are refused where they could add up to more."""

DIGITS = 2**61
"""What scaled whole numbers may add up to in any one sum."""

STEPS = 50_000
"""Steps of the solver where no seconds are given."""

ROUNDS = 20
"""How often multipliers are made smaller until no unbounded column pays for being large."""


EVER = 2**40
"""Minutes that no calendar reaches."""

TINY = 1e-7
"""Multipliers that are none."""


class TooLarge(Exception):  # noqa: N818 - the relaxation is then stated more coarsely
    """More numbers than were granted."""


class Block(NamedTuple):
    """The columns of one session: present or not, one for each choice, one for each span of starts.

    ``ways``: choices that have the same starts, each with the spans that these lie in.
    """

    present: int
    choices: range
    spans: range
    ways: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    required: bool


class Solution(NamedTuple):
    """What the solver says: whether there is an answer, its value, the multipliers of the rows."""

    status: str
    value: float
    multipliers: npt.NDArray[np.float64]


class Use(NamedTuple):
    """What multipliers make of the rows of one label, in units of their own.

    ``supply`` is what there is in the minutes from ``begin`` to ``end`` (of none, where the end is first), ``needs`` what
    each session takes of it at least, by the position of its block, where that is more than nothing.
    """

    supply: float
    needs: dict[int, float]
    begin: int
    end: int

    @property
    def share(self) -> float:
        """How much is needed of what there is."""
        return sum(self.needs.values()) / max(self.supply, TINY)

    @property
    def excess(self) -> float:
        """How much more is needed than there is."""
        return sum(self.needs.values()) - self.supply


@dataclass
class _Rows:
    columns: array[int]
    values: array[int]
    ends: array[int]
    least: array[int]
    equal: array[int]
    labels: array[int]
    begins: array[int]
    ends_at: array[int]


class Program:
    """Minimise costs x columns + ``constant`` where each row is at least, or equal to, its right side.

    ``most`` numbers in rows are granted.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.constant = 0
        self.blocks: list[Block] = []
        self.costs: list[int] = []
        self.uppers: list[int] = []
        self._rows = _Rows(*(array("q") for _ in range(8)))
        self.label = -1
        """What rows are said to be of, until it is changed."""
        self._arrays: Any = None

    @property
    def size(self) -> tuple[int, int, int]:
        """How many rows, columns and numbers in rows there are."""
        return len(self._rows.ends), len(self.costs), len(self._rows.columns)

    def columns(self, count: int, upper: int = 1) -> range:
        """Return new columns from 0 to ``upper`` that cost nothing yet."""
        first = len(self.costs)
        self.costs.extend(repeat(0, count))
        self.uppers.extend(repeat(upper, count))
        return range(first, first + count)

    def measure(self) -> Linear:
        """Return a new column for a measure."""
        return [(self.columns(1, LARGEST), 1)]

    def cost(self, expression: Linear, weight: int) -> None:
        """Add weight x expression to what is minimised."""
        for columns, factor in expression:
            for column in columns:
                self.costs[column] += weight * factor

    def row(self, expression: Linear, least: int, *, equal: bool = False, window: tuple[int, int] = (EVER, -EVER)) -> None:
        """Say that an expression is at least something, or equal to it; ``window`` are the minutes it speaks of, if any.

        Raises TooLarge where that is more than is granted.
        """
        rows = self._rows
        self._arrays = None
        for columns, factor in expression:
            rows.columns.extend(columns)
            rows.values.extend(repeat(factor, len(columns)))
        rows.ends.append(len(rows.columns))
        rows.least.append(least)
        rows.equal.append(equal)
        rows.labels.append(self.label)
        rows.begins.append(window[0])
        rows.ends_at.append(window[1])
        if len(rows.columns) > self.most:
            raise TooLarge

    def labels(self) -> Numbers:
        """Return what each row is of."""
        return np.array(self._rows.labels, dtype=np.int64)

    def used(self, multipliers: npt.NDArray[np.float64]) -> dict[int, Use]:
        """Return what rows with a multiplier say, by their labels."""
        matrix, least, _ = self._matrix()
        rows = self._rows
        wanted = np.flatnonzero(np.abs(multipliers) > TINY)
        by_label: dict[int, list[int]] = {}
        for row in wanted.tolist():
            by_label.setdefault(rows.labels[row], []).append(row)
        found: dict[int, Use] = {}
        for label, members in by_label.items():
            weights = multipliers[members]
            reduced = -(matrix[members].astype(np.float64).T @ weights)
            needs = {k: cost for k, block in enumerate(self.blocks) if (cost := _cheapest(block, reduced)) > TINY}
            supply = -float(least[members] @ weights)
            windows = [(rows.begins[row], rows.ends_at[row]) for row in members]
            found[label] = Use(supply, needs, min(begin for begin, _ in windows), max(end for _, end in windows))
        return found

    def _matrix(self) -> tuple[Any, Numbers, npt.NDArray[np.bool_]]:
        """Return the rows as a sparse matrix, their right sides, and which are equations."""
        if self._arrays is None:
            from scipy.sparse import csr_array

            rows = self._rows
            starts = np.concatenate([np.zeros(1, dtype=np.int64), np.array(rows.ends, dtype=np.int64)])
            parts = np.array(rows.values, dtype=np.int64), np.array(rows.columns, dtype=np.int64), starts
            matrix = csr_array(parts, shape=(len(rows.ends), len(self.costs)))
            matrix.sum_duplicates()
            self._arrays = matrix, np.array(rows.least, dtype=np.int64), np.array(rows.equal, dtype=bool)
        return self._arrays  # type: ignore[no-any-return]

    def solve(self, seconds: float | None, *, elastic: bool = False) -> Solution:
        """Ask the solver; ``elastic``, for the least that the rows must give way, whatever it costs.

        Without ``seconds`` its steps are counted, so that every run ends in the same way.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, eye_array, hstack

        matrix, least, equal = self._matrix()
        links, right = self._links()
        count = len(self.costs)
        costs = np.zeros(count) if elastic else np.array(self.costs, dtype=np.float64)
        bounds = np.zeros((count, 2))
        bounds[:, 1] = [np.inf if upper == LARGEST else upper for upper in self.uppers]
        for block in self.blocks:
            bounds[block.present, 0] = block.required
        above = matrix.astype(np.float64)
        # An equation is two inequalities here: one multiplier of any sign comes of both.
        above = _stacked([above, -above[equal]]) if equal.any() else above
        sides = np.concatenate([least, -least[equal]])
        if elastic:
            above = hstack([above, eye_array(above.shape[0])])
            links = hstack([links, csr_array((links.shape[0], above.shape[0]))])
            costs = np.concatenate([costs, np.ones(above.shape[0])])
            bounds = np.concatenate([bounds, np.tile([0, np.inf], (above.shape[0], 1))])
        options = {"maxiter": STEPS} if seconds is None else {"time_limit": max(seconds, 0.01)}
        # With nothing in it, the solver would refuse a matrix.
        sparse = {"A_ub": -above.tocsc(), "b_ub": -sides} if above.shape[0] else {}
        found = linprog(costs, **sparse, A_eq=links.tocsc(), b_eq=right, bounds=bounds, method="highs", options=options)
        status = {0: "optimal", 2: "infeasible"}.get(found.status, "unknown")
        if status != "optimal":
            return Solution(status, 0.0, np.zeros(len(least)))
        marginals = -found.ineqlin.marginals if above.shape[0] else np.zeros(0)
        multipliers = marginals[: len(least)].copy()
        multipliers[equal] -= marginals[len(least) :]
        return Solution(status, float(found.fun) + self.constant, multipliers)

    def _links(self) -> tuple[Any, npt.NDArray[np.float64]]:
        """Return what holds within each session: present is one of the choices, and one of the spans."""
        from scipy.sparse import csr_array

        columns, values, ends = array("q"), array("q"), array("q", [0])
        for block in self.blocks:
            for members in (block.choices, block.spans):
                columns.extend(members)
                columns.append(block.present)
                values.extend(repeat(1, len(members)))
                values.append(-1)
                ends.append(len(columns))
        parts = np.array(values, dtype=np.float64), np.array(columns), np.array(ends)
        return csr_array(parts, shape=(2 * len(self.blocks), len(self.costs))), np.zeros(2 * len(self.blocks))

    def proved(self, multipliers: npt.NDArray[np.float64], *, priced: bool = True) -> int:
        """Return the whole number that multipliers prove the minimum to be at least; without costs, where not ``priced``.

        A minimum without costs is 0: where more is proved, there is no answer at all.
        """
        matrix, least, equal = self._matrix()
        costs = np.array(self.costs, dtype=np.int64) if priced else np.zeros(len(self.costs), dtype=np.int64)
        wanted = np.where(equal, multipliers, np.maximum(multipliers, 0.0))
        sizes = np.abs(matrix).T.astype(np.float64) @ np.abs(wanted) + np.abs(costs)
        largest = max(1.0, float(sizes.max(initial=0.0)), float(np.abs(wanted).max(initial=0.0)))
        scale = 2 ** max(0, min(40, int(np.log2(DIGITS / largest)) - 2))
        scaled = np.where(equal, np.rint(wanted * scale), np.floor(wanted * scale)).astype(np.int64)
        costs *= scale
        transposed = matrix.T.tocsr()
        unbounded = np.array(self.uppers, dtype=np.int64) == LARGEST
        reduced = costs - transposed @ scaled
        for _ in range(ROUNDS):
            short = unbounded & (reduced < 0)
            if not short.any():
                break
            scaled = _smaller(matrix, scaled, equal, short, reduced)
            reduced = costs - transposed @ scaled
        total = sum(int(a) * int(b) for a, b in zip(scaled, least, strict=True))
        total += self._cheapest(reduced)
        return int(-(-total // scale)) + (self.constant if priced else 0)

    def _cheapest(self, reduced: Numbers) -> int:
        """Return the least that reduced costs add up to: a session's best place, or none; of others 0 or the upper."""
        alone = np.ones(len(reduced), dtype=bool)
        for block in self.blocks:
            alone[block.present] = alone[block.choices] = alone[block.spans] = False
        total = sum(int(_cheapest(block, reduced)) for block in self.blocks)
        for column in np.flatnonzero(alone & (reduced < 0)):
            total += int(reduced[column]) * self.uppers[column]
        return total


def _cheapest(block: Block, reduced: npt.NDArray[Any]) -> Any:
    """Return what the best place of a session costs, or its absence."""
    best = None if block.required else 0
    for choices, spans in block.ways:
        here = reduced[block.present] + reduced[np.array(choices)].min() + reduced[np.array(spans)].min()
        best = here if best is None else min(best, here)
    return best or 0


def _stacked(matrices: Iterable[Any]) -> Any:
    from scipy.sparse import vstack

    return vstack(list(matrices)).tocsr()


def _smaller(
    matrix: Any, scaled: Numbers, equal: npt.NDArray[np.bool_], short: npt.NDArray[np.bool_], reduced: Numbers
) -> Numbers:
    """Return multipliers of which those are smaller that make unbounded columns pay for being large."""
    taken = matrix[:, np.flatnonzero(short)].tocoo()
    factors = np.ones(len(scaled))
    lacking = reduced[short]
    gains = np.maximum(taken.data * scaled[taken.row], 0)
    sums = np.zeros(lacking.size)
    np.add.at(sums, taken.col, gains)
    shares = np.where(sums > 0, np.maximum(0.0, (sums + lacking) / np.maximum(sums, 1)), 0.0)
    giving = gains > 0
    np.minimum.at(factors, taken.row[giving], shares[taken.col[giving]] * (1 - 1e-12))
    changed = np.sign(scaled) * np.floor(np.abs(scaled) * factors).astype(np.int64)
    return np.where(factors < 1, changed, scaled)
