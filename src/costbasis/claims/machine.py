"""The machine that a throughput claim speaks of, what a token takes on it, and which limits the claim breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from costbasis import feasibility
from costbasis.claims.asked import Context
from costbasis.formulas import compute, memory, serving
from costbasis.formulas.comparison import fleet_tok_per_s
from costbasis.quantity import Quantity, Source, counted, derive


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that a throughput claim speaks of, and the model on it. None: the claim does not say."""

    name: str
    count: Quantity
    usd_per_accel_s: Quantity
    active_params: Quantity
    total_params: Quantity | None
    bytes_per_param: Quantity
    tok_per_s: Quantity | None
    peak_flop_per_s_per_accel: Quantity
    hbm_bytes_per_accel: float
    mfu_frac: Quantity

    @classmethod
    def of(cls, context: Context) -> Machine:
        """From the claim's inputs and the accelerator of its question.

        Errors: :class:`~costbasis.errors.BadClaim` for a missing input, ``UnknownName`` for an accelerator.
        """
        name = context.claim.question.accelerator
        width = context.named("bytes_per_param")
        own = Source("8-bit weights, where the claim says nothing", trust="D", status="assumed", as_of="2026-11-25")
        width = width or counted("bytes_per_param", 1.0, own)
        bits = "16bit" if width.estimate.p50 > 1.5 else "8bit" if width.estimate.p50 > 0.75 else "4bit"
        table = context.catalog.machines([name], {bits: 1.0})
        source = table.sources[0]
        return cls(
            name=name,
            count=_as("accel_count", context.needs("accel_count", "how many accelerators, in accel"), ""),
            usd_per_accel_s=_as(
                "hire_usd_per_accel_s", context.needs("usd_per_accel_hour", "in usd/accel-hour"), "usd/(accel*s)"
            ),
            active_params=_as("active_param_count", context.needs("active_params", "in param or param_b"), ""),
            total_params=context.named("total_params"),
            bytes_per_param=width,
            tok_per_s=context.named("tok_per_s"),
            peak_flop_per_s_per_accel=counted(
                "peak_flop_per_s_per_accel", table.columns["peak_flop_per_s_per_accel"][0], source
            ),
            hbm_bytes_per_accel=table.columns["hbm_bytes_per_accel"][0],
            mfu_frac=context.catalog.quantity("fleet/default.prefill_mfu_frac"),
        )

    def figures(self, dimension: str) -> dict[str, Quantity]:
        """USD a token (or tokens a second) of compute: at the usual share of peak, and at peak."""
        at_peak = counted("mfu_frac", 1.0, Source("dense peak: nothing is faster", trust="A", status="definition",
                                                  as_of="2026-11-25"))  # fmt: skip
        found = {}
        for basis, mfu in (("serving", self.mfu_frac), ("marginal", at_peak)):
            accel_s = derive(
                serving.matmul_accel_s_per_tok,
                matmul_flop_per_tok=derive(compute.matmul_flop_per_tok, active_param_count=self.active_params),
                peak_flop_per_s_per_accel=self.peak_flop_per_s_per_accel,
                mfu_frac=mfu,
            )
            if dimension == "tok/s":
                found[basis] = derive(
                    fleet_tok_per_s, accel_s_per_tok=accel_s, fleet_accel=replace(self.count, unit="accel")
                )
            else:
                found[basis] = derive(
                    serving.accel_usd_per_tok, accel_s_per_tok=accel_s, busy_usd_per_accel_s=self.usd_per_accel_s
                )
        return found

    def broken_limits(self) -> list[str]:
        """Peak FLOP/s and memory: what the claim needs, and what the machine has at its best."""
        count = self.count.estimate.p50
        found = []
        if self.tok_per_s is not None:
            flop = float(compute.matmul_flop_per_tok(self.active_params.estimate.p50))
            peak = float(self.peak_flop_per_s_per_accel.draws)
            found.append(feasibility.flop_guard(self.tok_per_s.estimate.p10, flop, count, peak))
        if self.total_params is not None:
            held = memory.weight_bytes(self.total_params.estimate.p10, self.bytes_per_param.estimate.p50)
            found.append(feasibility.memory_guard(float(held), count, self.hbm_bytes_per_accel))
        return [f"{self.name}: {refused.reason}" for refused in found if refused is not None]


def _as(name: str, quantity: Quantity, unit: str) -> Quantity:
    """The claim's input under the name that a formula expects; its unit was checked when it was read."""
    return replace(quantity, name=name, unit=unit)
