"""Minutes from venue to venue, closed over the scenario's table so that no detour is shorter than the direct way."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx


class Travel:
    """Shortest minutes between venues; they obey the triangle inequality by construction."""

    def __init__(self, table: Mapping[str, Mapping[str, int]]) -> None:
        graph: nx.DiGraph[str] = nx.DiGraph()
        for origin, row in table.items():
            for destination, minutes in row.items():
                graph.add_edge(origin, destination, minutes=minutes)
                if origin not in table.get(destination, {}):
                    graph.add_edge(destination, origin, minutes=minutes)
        found = nx.all_pairs_dijkstra_path_length(graph, weight="minutes")
        self._minutes = {origin: {there: int(minutes) for there, minutes in row.items()} for origin, row in found}

    def minutes(self, origin: str, destination: str) -> int | None:
        """Return the minutes from one venue to another, 0 within one; None where no way is known."""
        return 0 if origin == destination else self._minutes.get(origin, {}).get(destination)
