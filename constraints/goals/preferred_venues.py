from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import Candidates, Choice, Goal, PlacementPrice, Plan, Scenario, Session, Term


class PreferredVenues(Goal):
    """Hold sessions where they would like to be, and by the option that costs least.

    ``prefer: {venues: [ghop.east, ghop, diaoyutai]}`` lists halls and venues, the best first: the first that fits counts
    its place in the list (0, 1, 2, …), a hall that no entry fits counts the length of the list. An option adds its own
    ``price``. A delegation's home counts the place of its hotel in ``home: {any: […]}``.

    An option may bring a ``reward`` instead. Figures are made small, so what counts is the reward missed: by the best
    option nothing, by another what its reward is short of the best. An absent session counts the whole best reward, and
    nothing else. The figure is in points.

        options:
          garden: {halls: {any: [diaoyutai.garden]}, reward: 20}
          indoors: {halls: {any: [diaoyutai.*]}, price: 5}
        goals:
          places: {goal: preferred-venues, tier: 2, weight: 15}
    """

    family = "preferred-venues"
    unit = "points"

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Price each session and each home by its choice."""
        for name, home in scenario.homes.items():
            places = tuple(home.hotels.index(choice.hall) for choice in candidates.of(name))
            if any(places):
                yield PlacementPrice(rule=self.id, price=self.price, session=candidates.numbers[name], by_choice=places)
        for session in scenario.sessions.values():
            options = scenario.events[session.event].sessions[session.id.partition(".")[2]].options or {}
            best = max((option.reward for option in options.values()), default=0)
            points = tuple(
                self._points(session, choice) + best - (options[choice.option].reward if choice.option else 0)
                for choice in candidates.of(session.id)
            )
            if best or any(points):
                number = candidates.numbers[session.id]
                yield PlacementPrice(rule=self.id, price=self.price, session=number, by_choice=points, absent=best)

    @staticmethod
    def _points(session: Session, choice: Choice) -> int:
        wanted = session.prefer.venues
        rank = next((k for k, word in enumerate(wanted) if word in (choice.hall, choice.venue)), len(wanted))
        return rank + next(way.price for way in session.ways if way.option == choice.option)

    def measure(self, scenario: Scenario, plan: Plan) -> int:
        """Add the places down the lists, the prices of the options and the rewards missed."""
        total = sum(self._missed(scenario, plan))
        for name, hotel in plan.homes.items():
            home = scenario.delegations[name].home
            wanted = list(dict.fromkeys(home.any)) if home is not None else []
            total += wanted.index(hotel) if hotel in wanted else len(wanted)
        for name, placed in plan.sessions.items():
            event, _, entry_id = name.partition(".")
            entry = scenario.events[event].sessions[entry_id]
            if placed.option is not None and entry.options:
                total += entry.options[placed.option].price
            for word in entry.prefer.venues:
                if placed.hall == word or placed.hall.startswith(f"{word}."):
                    break
                total += 1
        return total

    @staticmethod
    def _missed(scenario: Scenario, plan: Plan) -> Iterable[int]:
        """Yield by how much the reward of each session is short of its best."""
        for event_id, event in scenario.events.items():
            for entry_id, entry in event.sessions.items():
                rewards = {name: option.reward for name, option in (entry.options or {}).items()}
                placed = plan.sessions.get(f"{event_id}.{entry_id}")
                earned = rewards.get(placed.option or "", 0) if placed is not None else 0
                yield max(rewards.values(), default=0) - earned
