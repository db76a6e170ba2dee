from __future__ import annotations

from collections.abc import Iterable

from scheduler.rules import (
    Candidates,
    Choice,
    Plan,
    Refusal,
    Remedy,
    Rule,
    Scenario,
    Session,
    Soften,
    Term,
    Total,
    Violation,
)


class Budgets(Rule):
    """All sessions together spend no more of a budget than its amount.

    Planners need it because gifts, flight permits and money are used up: what one event takes is gone for all others. A
    session that is held spends what its ``spends`` say, once, however long it is; an option with ``spends`` of its own
    spends those instead. ``unit`` is only said in messages. Softened, each unit over has a price.

        budgets:
          banquets: {name: State banquets, amount: 1200, unit: thousand CNY}
        spends:
          banquets: 350

    It always stands; write it only to soften it. When it blocks a plan, give a session a cheaper option, leave one out, or
    raise the amount.
    """

    family = "budgets"
    standing = True
    unit = "units over"

    soften: Soften | None = None

    def admits(self, scenario: Scenario, session: Session, choice: Choice) -> Iterable[Refusal]:
        """Refuse options that alone spend more than there is."""
        if self.soften is not None:
            return
        for budget, amount in session.way(choice.option).spends.items():
            there = scenario.file.budgets[budget].amount
            if amount > there:
                yield Refusal(f"spends {amount} of {budget}, of which there are {there}")

    def state(self, scenario: Scenario, candidates: Candidates) -> Iterable[Term]:
        """Say one total for each budget that could be overspent."""
        for budget_id, budget in scenario.file.budgets.items():
            sessions: list[int] = []
            amounts: list[tuple[int, ...]] = []
            for session in scenario.sessions.values():
                spent = tuple(session.way(choice.option).spends.get(budget_id, 0) for choice in candidates.of(session.id))
                if any(spent):
                    sessions.append(candidates.numbers[session.id])
                    amounts.append(spent)
            if sum(map(max, amounts)) > budget.amount:
                yield Total(
                    rule=self.id,
                    price=self.price,
                    about=str(budget.name or budget_id),
                    sessions=tuple(sessions),
                    amounts=tuple(amounts),
                    most=budget.amount,
                )

    def check(self, scenario: Scenario, plan: Plan) -> Iterable[Violation]:
        """Add up what is spent of each budget."""
        for budget_id, budget in scenario.file.budgets.items():
            spent: dict[str, int] = {}
            for name, placed in plan.sessions.items():
                event, _, entry_id = name.partition(".")
                entry = scenario.events[event].sessions[entry_id]
                option = entry.options[placed.option] if entry.options and placed.option is not None else None
                spends = option.spends if option is not None and option.spends is not None else entry.spends
                if spends.get(budget_id):
                    spent[name] = spends[budget_id]
            total = sum(spent.values())
            if total > budget.amount:
                yield Violation(tuple(spent), total - budget.amount, {"budget": budget_id, "spent": total})

    def explain(self, scenario: Scenario, violation: Violation) -> str:
        """Say who spends how much of what there is."""
        facts = violation.facts
        budget, names = scenario.file.budgets[facts["budget"]], ", ".join(violation.sessions)
        unit = f" {budget.unit}" if budget.unit else ""
        spend = "spends" if len(violation.sessions) == 1 else "together spend"
        return (
            f"{names} {spend} {facts['spent']}{unit} of {budget.name or facts['budget']}, which has {budget.amount}: "
            f"{violation.amount}{unit} over."
        )

    def remedies(self, scenario: Scenario, violation: Violation) -> Iterable[Remedy]:
        """Raise the budget to what is spent."""
        name, spent = violation.facts["budget"], violation.facts["spent"]
        amount = scenario.file.budgets[name].amount
        share = violation.amount / max(1, amount)
        yield Remedy(f"Raise {name} from {amount} to {spent}.", {"budgets": {name: {"amount": spent}}}, share)
