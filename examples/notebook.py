"""As in a notebook: a frame in, every basis, why, and a frame out: python examples/notebook.py FOLDER."""

# %%
import sys

import costbasis

# %% this machine's logs, or a folder of them; print() is the command's table, a notebook shows HTML
month = costbasis.usage(sys.argv[1] if len(sys.argv) > 1 else None, by="model")
print(month)

# %% exact money is a decimal, an estimate has p10, p50, p90 and mean
bases = month.total.bases
serving = bases.serving_usd
print(f"list {bases.list_usd} USD, serving {serving.p50:.4f} ({serving.p10:.4f} – {serving.p90:.4f})")

# %% where a number comes from
print(month.explain("/total/bases/serving_usd"))

# %% out to any frame library, and in from one: a gateway's rows under the names of `costbasis export`
table = month.to_arrow()
print(table.column_names)
mine = [{"time": "2026-03-05T12:00Z", "model": "claude-opus-4-6", "input_tok": 1_000, "output_tok": 500}]
print(costbasis.usage(mine).total.bases.list_usd)

# %% the same month on the claim of the day
print(costbasis.check("forbes-5000").verdict)
