from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Candidates, Goal, PlacementPrice, Plan, Scenario, Term


class Cost(Goal):
    """Hold the sessions cheaply: the cost of each session's option and of its hall, added up.

    ``cost`` of an option (of the session, where the option does not say) and ``cost`` of a hall are counted once for each
    session that is held; a combination without a cost of its own has those of its parts, added. An absent session costs
    nothing. The figure is in points: thousand yuan, say, if that is what the costs are written in.

        venues:
          ghop: {name: Great Hall, halls: {east: {cost: 80}}}
        options:
          indoors: {cost: 40, halls: {any: [ghop.*]}}
          garden: {cost: 25, halls: {any: [diaoyutai.garden]}}
        goals:
          money: {goal: cost, tier: 3}
    """

    family = "cost"
    unit = "points"

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each session by its choice."""
        for session in scenario.sessions.values():
            points = tuple(
                session.way(choice.option).cost + scenario.bookables[choice.hall].cost
                for choice in candidates.of(session.id)
            )
            if any(points):
                number = candidates.numbers[session.id]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, by_choice=points)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the costs of the options and of the halls."""
        total = 0
        for name, placed in plan.sessions.items():
            event, _, entry_id = name.partition(".")
            entry = scenario.events[event].sessions[entry_id]
            option = entry.options[placed.option] if entry.options and placed.option is not None else None
            total += entry.cost if option is None or option.cost is None else option.cost
            venue_id, _, hall = placed.hall.partition(".")
            venue = scenario.venues[venue_id]
            combination = venue.combinations.get(hall)
            if combination is None:
                total += venue.halls[hall].cost or 0
            elif combination.cost is not None:
                total += combination.cost
            else:
                total += sum(venue.halls[part].cost or 0 for part in combination.of)
        return total
