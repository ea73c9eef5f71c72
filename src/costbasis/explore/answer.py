"""What the page says of a scenario: the same calls as the commands make, over catalogues that share what is unchanged.

``quick`` is what a slider moves: the ladder, the sentence, the parties, or the verdict. ``more`` takes longer: drivers,
what would have to be true, the plan's people and the map.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from costbasis.catalog import Catalog, Plan
from costbasis.catalog.settable import is_settable
from costbasis.claims.claimfile import Filed
from costbasis.claims.judge import Verdict, judge
from costbasis.claims.scenario import alone, nearest
from costbasis.claims.settings import PREFIX, split_settings, with_settings
from costbasis.claims.usage import mix_of
from costbasis.errors import CostbasisError
from costbasis.explore.controls import Control, controls_of
from costbasis.explore.scenario import Scenario, command_of
from costbasis.explore.subjects import SAMPLE, SAMPLE_PLAN, Subject, Subjects, Use
from costbasis.plans.studied import Asked
from costbasis.plans.study import study
from costbasis.reports.leaf import ExactUsd, estimated
from costbasis.reports.plan_object import plan_object as study_object
from costbasis.reports.report_object import driver_object, plan_object, routes_object, rung_object, stake_object
from costbasis.reports.verdict_object import verdict_object
from costbasis.usage.whatif import FRESH
from costbasis.valuation import Valuation, valuate

SCHEMA = "costbasis.exploration/1"

NO_PLAN = "none"


@dataclass(frozen=True, slots=True)
class Explorer:
    """*base* holds no settings; each scenario is looked at with a catalogue of its family. Of one thread at a time."""

    base: Catalog
    subjects: Subjects
    plan: str = ""
    as_of: date | None = None

    def subject(self, scenario: Scenario) -> Subject:
        """What the scenario is of.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
        """
        return self.subjects.find(scenario.of, self.base)

    def command(self, scenario: Scenario) -> str:
        """The command line that gives the same numbers; of a file that was handed in, what to save it as."""
        subject = self.subject(scenario)
        words = list(subject.words) or ["report", subject.title]
        name = self._plan_name(subject, scenario)
        if not subject.is_claim and name:
            words += ["--plan", name]
        if self.as_of is not None:
            words += ["--as-of", self.as_of.isoformat()]
        return command_of(words, scenario, self.base.sampling.seed)

    def words(self, scenario: Scenario) -> list[str] | None:
        """The words of that command, to run it; None where it would need a file that only the page has."""
        subject = self.subject(scenario)
        if (subject.text and not subject.id.startswith("given:")) or not subject.words:
            return None
        return shlex.split(self.command(scenario))[1:]

    def quick(self, scenario: Scenario) -> dict[str, Any]:
        """Everything that has to move with a slider.

        Errors: those of the commands, for a setting or a name that is none.
        """
        subject = self.subject(scenario)
        if subject.is_claim:
            return self._verdict(subject, scenario, ranked=False)
        catalog = self.base.under(scenario.settings)
        use, plan, valued = self._valued(subject, scenario, catalog)
        return self._head(subject, scenario, catalog) | {
            "list_usd": ExactUsd(use.list_pico_usd, lambda: valued.bases["list"].total),
            "requests": use.requests,
            "note": use.note,
            "period": {"from": use.first.isoformat(), "to": use.last.isoformat(), "days": _days(use)},
            "ladder": [rung_object(rung) for rung in valued.ladder],
            "list_over_serving": estimated(valued.list_over_serving) if valued.list_over_serving else None,
            "routes": routes_object(valued),
            "parties": [stake_object(stake) for stake in valued.stakes],
            "plan": _without_crowd(plan_object(valued.plan, replace(valued, crowd=None))) if valued.plan else None,
            "plan_asked": plan.key if plan else "",
        }

    def more(self, scenario: Scenario) -> dict[str, Any]:
        """Drivers, what would have to be true, and the study of the plan."""
        subject = self.subject(scenario)
        if subject.is_claim:
            found = self._verdict(subject, scenario, ranked=True)
            mine, others = split_settings(scenario.settings)
            catalog = self.base.under(others)
            filed = with_settings(self.subjects.claim(subject, self.base), mine)
            day = self.as_of or filed.claim.said.when
            name = filed.claim.question.plan
            return found | {"plan_study": self._study(catalog.plan(name, day), day, catalog) if name else None}
        catalog = self.base.under(scenario.settings)
        _, plan, valued = self._valued(subject, scenario, catalog)
        return self._head(subject, scenario, catalog) | {
            "drivers": [driver_object(driver) for driver in valued.drivers],
            **self._must_be_true(valued, catalog),
            "plan": plan_object(valued.plan, valued) if valued.plan else None,
            "plan_study": self._study(plan, self._today_of(catalog), catalog) if plan else None,
        }

    def controls(self, scenario: Scenario) -> Sequence[Control]:
        """The sliders of the scenario, where it stands on each."""
        subject = self.subject(scenario)
        if subject.is_claim:
            filed = self.subjects.claim(subject, self.base)
            day, usage = self.as_of or filed.claim.said.when, filed.claim.usage
            model = self.base.find_model(usage.model) if usage else None
            plan = self._plan_or_none(filed.claim.question.plan, day)
            mix = mix_of(filed, self.base) if usage and not usage.only else {}
            return controls_of(self.base, model, day, plan, filed, scenario.settings, _cached_frac(mix))
        use = self.subjects.use(subject, self.base, self._today_of(self.base))
        most = max(use.amounts.groups, key=lambda group: float(use.amounts.list_usd([group])[0]))
        plan = self._plan_or_none(self._plan_name(subject, scenario), use.last)
        tokens: dict[str, float] = {}
        for group in use.amounts.groups:
            for unit, column in use.amounts.of_group(group).items():
                tokens[unit] = tokens.get(unit, 0.0) + float(column[0])
        return controls_of(self.base, most.model, most.as_of, plan, None, scenario.settings, _cached_frac(tokens))

    def plans(self) -> list[tuple[str, str]]:
        """Every plan that there is a price of: ``vendor/id`` and name."""
        rows = [row for row in self.base.rows("plan") if row["price_per_month"]]
        return sorted({f"{row['vendor']}/{row['plan_id']}": row["plan_name"] for row in rows}.items())

    def _head(self, subject: Subject, scenario: Scenario, catalog: Catalog) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "kind": subject.kind,
            "title": subject.title,
            "settings": list(scenario.settings),
            "seed": catalog.sampling.seed,
            "draws": catalog.sampling.draws,
            "catalogue_sha256": catalog.sha256,
            "reproduce": {"command": self.command(scenario)},
        }

    def _valued(self, subject: Subject, scenario: Scenario, catalog: Catalog) -> tuple[Use, Plan | None, Valuation]:
        inputs = [text for text in scenario.settings if text.startswith(PREFIX)]
        if inputs:
            self.base.under(inputs)  # refuses them: a usage has no claim's inputs
        use = self.subjects.use(subject, catalog, self._today_of(catalog))
        name = self._plan_name(subject, scenario)
        plan = catalog.plan(name, self.as_of or use.last) if name else None
        return use, plan, valuate(use.amounts, catalog, first=use.first, last=use.last, plan=plan)

    def _today_of(self, catalog: Catalog) -> date:
        return self.as_of or catalog.newest_observation

    def _plan_name(self, subject: Subject, scenario: Scenario) -> str:
        if subject.is_claim or scenario.plan == NO_PLAN:
            return ""
        return scenario.plan or self.plan or (SAMPLE_PLAN if subject.id == SAMPLE else "")

    def _plan_or_none(self, name: str, day: date) -> Plan | None:
        try:
            return self.base.plan(name, day) if name else None
        except CostbasisError:
            return None  # the answer says what is wrong with it

    def _study(self, plan: Plan, day: date, catalog: Catalog) -> dict[str, Any] | None:
        """The ``costbasis.plan/1`` object; None where nothing says what a dollar of list value costs its party."""
        try:
            return study_object(study(plan, day, catalog, Asked(targets=())), catalog, day, f"plan {plan.key}")
        except CostbasisError:
            return None

    def _must_be_true(self, valued: Valuation, catalog: Catalog) -> dict[str, Any]:
        """What would make serving this use cost just what the plan brings in: each input alone, and the nearest mix."""
        serving = valued.bases.get("serving")
        if valued.plan is None or serving is None:
            return {"must_be_true": [], "scenario": None}
        price = valued.plan.price_usd.estimate.p50
        settable = [driver for driver in valued.drivers if is_settable(driver.key, catalog)]
        found = nearest(settable, serving.total, price)
        return {
            "must_be_true": [must_object(alone(driver, serving.total, price)) for driver in settable],
            "scenario": found
            and {
                "beyond_frac": found.beyond_frac,
                "values": [
                    {"label": driver.label, "value": value, "unit": driver.quantity.unit, "half_intervals": place}
                    for driver, value, place in found.values
                ],
            },
        }

    def _verdict(self, subject: Subject, scenario: Scenario, *, ranked: bool) -> dict[str, Any]:
        mine, others = split_settings(scenario.settings)
        catalog = self.base.under(others)
        filed = with_settings(self.subjects.claim(subject, catalog), mine)
        judged = judge(filed, catalog, as_of=self.as_of, ranked=ranked)
        today = self._today(filed, judged, catalog) if ranked else judged
        name = subject.words[1] if subject.words else subject.title
        settings = "".join(f" --set {text}" for text in scenario.settings)
        found = verdict_object(judged, today, catalog, [], name, settings)
        return self._head(subject, scenario, catalog) | {"verdict": found}

    def _today(self, filed: Filed, judged: Verdict, catalog: Catalog) -> Verdict:
        newest = catalog.newest_observation
        return judged if newest == judged.as_of else judge(filed, catalog, as_of=newest, ranked=False)


def _without_crowd(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan against this use alone: its map belongs to all subscribers, and comes with the rest."""
    return {name: value for name, value in plan.items() if name != "map"}


def _cached_frac(tokens: Mapping[str, float]) -> float | None:
    """The share of prompt tokens that were read from a cache; None where there is no prompt."""
    read = tokens.get("cache_read_tok", 0.0)
    prompt = read + sum(tokens.get(name, 0.0) for name in FRESH)
    return read / prompt if prompt else None


def must_object(row: Any) -> dict[str, Any]:
    """A driver and the value that it alone must have, in the fields of a verdict's ``must_be_true``."""
    return {
        "driver": row.driver.key,
        "label": row.driver.label,
        "value": row.value,
        "unit": row.driver.quantity.unit,
        "outside80": row.outside80,
        "half_intervals": row.intervals,
        "now": estimated(row.driver.quantity),
    }


def _days(use: Use) -> int:
    return (use.last - use.first).days + 1
