"""The performance model: configurations a second on one core, beside aiconfigurator's seconds a point.

    python benchmarks/serving.py [--peer PEER_PYTHON]

With ``--peer`` (an environment with aiconfigurator, see ``peer_aiconfigurator.py``) both run here, in turns; without,
the peer's time is the stored one of its own run. Times are CPU seconds, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import subprocess
import time
from itertools import product
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from costbasis.calibration.sets import catalogue_rows
from costbasis.catalog.hardware.deployments import accelerator_of, architecture_of, precision_of
from costbasis.catalog.posterior import serving_posterior
from costbasis.catalog.tables import read_bytes
from costbasis.performance import Deployment, Layout, aggregated, stack, take

MODELS = ("deepseek-v3", "llama-3.3-70b", "qwen3-235b-a22b", "gpt-oss-120b", "kimi-k2.5", "minimax-m2.5")
MACHINES = ("h100-sxm", "h200-sxm", "b200-sxm", "mi355x")
LAYOUTS = (Layout(8, 1, 1, 0), Layout(4, 1, 1, 0), Layout(1, 8, 1, 0), Layout(2, 4, 1, 0))
BATCHES = np.geomspace(1, 2048, 64)
LENGTHS = ((1024.0, 1024.0), (8192.0, 1024.0), (1024.0, 8192.0), (512.0, 256.0))
CHUNK = 8192
ROUNDS = 5


def main(peer: str | None = None) -> None:
    """Time both and print the ratio. *peer*: a Python that has aiconfigurator."""
    deployments, input_tok, output_tok, batch = table()
    ours = min(timed(deployments, input_tok, output_tok, batch) for _ in range(ROUNDS))
    a_point = ours / len(batch)
    print(f"{len(batch):,} configurations in {ours:.3f} CPU seconds of one core: {1 / a_point:,.0f} a second")
    if peer is None:
        theirs = peer_stored()
        print(f"aiconfigurator core: {theirs * 1e3:.1f} ms a point, as stored: {theirs / a_point:,.0f}× ours")
        return
    for name, script in (("core, all loaded", CORE), ("its own call, cli_estimate", CALL)):
        theirs = peer_now(peer, script)
        print(f"aiconfigurator, {name}: {theirs * 1e3:.1f} ms a point (CPU time): {theirs / a_point:,.0f}× ours")


def table() -> tuple[Deployment, np.ndarray, np.ndarray, np.ndarray]:
    """Every model, machine and layout at every batch and length."""
    architectures, accelerators = catalogue_rows()
    found = []
    for model, machine, layout in product(MODELS, MACHINES, LAYOUTS):
        accelerator = accelerator_of(accelerators[machine])
        served = precision_of("fp8", architectures[model], accelerator)
        found.append(Deployment(architecture_of(architectures[model]), accelerator, served, layout, 0))
    points = np.array([(*lengths, size) for lengths in LENGTHS for size in BATCHES])
    rows = np.repeat(np.arange(len(found)), len(points))
    tiled = np.tile(points, (len(found), 1))
    return take(stack(found), rows), tiled[:, 0], tiled[:, 1], tiled[:, 2]


def timed(deployments: Deployment, input_tok: np.ndarray, output_tok: np.ndarray, batch: np.ndarray) -> float:
    """CPU seconds of predicting the whole table, in chunks that stay in the cache."""
    constants = serving_posterior().centre
    start = time.process_time()
    for first in range(0, len(batch), CHUNK):
        rows = slice(first, first + CHUNK)
        aggregated(
            take(deployments, rows),
            constants,
            input_tok=input_tok[rows],
            output_tok=output_tok[rows],
            batch=batch[rows],
        )
    return time.process_time() - start


def peer_stored() -> float:
    """Median seconds of a point that the peer answered, from its stored run (databases already loaded)."""
    rows = csv.DictReader(io.StringIO(read_bytes("calibration/peer_aiconfigurator.csv.gz").decode()))
    return median(float(row["seconds"]) for row in rows if row["tok_per_s_per_accel"])


CORE = """
import sys, time, logging; sys.path.insert(0, 'benchmarks'); logging.disable(50)
import peer_aiconfigurator as peer
points = dict.fromkeys(a for r, a in peer.questions() if a[:2] == ('h200_sxm', 'vllm'))
warm = set()
for a in points:
    key, t = (a[2], a[3], a[7:]), time.process_time()
    try: peer.answer(*a)
    except Exception: continue
    if key in warm: print(time.process_time() - t)
    warm.add(key)
"""
CALL = """
import time, logging, contextlib, os; logging.disable(50)
from aiconfigurator.cli.api import cli_estimate
for batch in (8, 16, 32, 64, 128):
    t = time.process_time()
    with contextlib.redirect_stdout(open(os.devnull, 'w')):
        cli_estimate('Qwen/Qwen3-32B', 'h200_sxm', backend_name='vllm', isl=1024, osl=1024, batch_size=batch, tp_size=4)
    if batch > 8: print(time.process_time() - t)
"""
"""What the peer is asked: its core with databases, models and caches warm; and the call that it documents."""


def peer_now(python: str, script: str) -> float:
    """Median CPU seconds of a point, asked of the peer now, the first of each kind left out."""
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    return median(float(line) for line in done.stdout.split())


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--peer", metavar="PYTHON", help="a Python that has aiconfigurator, to time it here")
    main(**vars(asked.parse_args()))
