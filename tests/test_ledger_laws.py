"""Laws of the ledger: however lines are spread over files, and however files came to be, the same requests count."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.usage.ledger.ledger import Ledger, open_ledger

from .logs import line

COLUMNS = (
    "request_key, rule, time_ms, session, agent_id, project, mode, prompt_tok, output_tok, web_searches,"
    " context_bucket, output_ctx_tok2, new_ctx_tok2, kv_resident_tok_s, partial_output"
)


def told(number: int, output: int, read: int, second: int, kind: str, session: str, stop: str | None) -> bytes:
    usage, time = {"output_tokens": output, "cache_read_input_tokens": read}, f"2026-03-05T10:00:{second:02d}Z"
    said = line(f"msg_{number}", usage=usage, time=time, sessionId=session, isSidechain=kind == "sidechain", stop=stop)
    if kind == "mirror":
        inner = {"timestamp": time, "message": said["message"]}
        said = {"type": "progress", "sessionId": session, "timestamp": time, "data": {"message": inner}}
    return json.dumps(said).encode() + b"\n"


LINE = st.builds(
    told,
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 1),
    st.integers(0, 3),
    st.sampled_from(["line", "sidechain", "mirror"]),
    st.sampled_from(["s1", "s2"]),
    st.sampled_from([None, "end_turn"]),
)


def rows(ledger: Ledger, columns: str = COLUMNS) -> list[Any]:
    return ledger.connection.execute(f"SELECT {columns} FROM request ORDER BY request_key").fetchall()


def fresh(logs: Path, home: Path) -> Ledger:
    ledger = open_ledger([logs], folder=home)
    ledger.update()
    return ledger


@given(lines=st.lists(st.tuples(LINE, st.integers(0, 2)), min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_the_line_that_counts_is_the_same_in_one_file_and_in_three(lines: list[tuple[bytes, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, three = Path(folder, "one", "-p"), Path(folder, "three", "-p")
        for root in (one, three):
            root.mkdir(parents=True)
        (one / "s.jsonl").write_bytes(b"".join(part for part, _ in lines))
        for number in range(3):
            (three / f"{number}.jsonl").write_bytes(b"".join(part for part, file in lines if file == number))
        same = "request_key, rule, time_ms, prompt_tok, output_tok, partial_output"
        ledgers = [fresh(root, Path(folder, "home")) for root in (one, three)]
        assert rows(ledgers[0], same) == rows(ledgers[1], same)
        spoken = sum(lines for _, lines, _ in ledgers[1].dropped()) + len(rows(ledgers[1]))
        assert spoken == len(lines) == sum(lines for _, lines, _ in ledgers[0].dropped()) + len(rows(ledgers[0]))
        for ledger in ledgers:
            ledger.close()


CHANGE = st.tuples(
    st.sampled_from(["append", "append", "write", "delete", "move"]),
    st.integers(0, 2),
    st.lists(LINE, min_size=1, max_size=3),
    st.integers(0, 40),
)


@given(changes=st.lists(CHANGE, min_size=1, max_size=7))
@settings(max_examples=40, deadline=None)
def test_a_ledger_brought_up_to_date_is_a_ledger_made_anew(
    changes: list[tuple[str, int, list[bytes], int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder, "logs", "-p")
        logs.mkdir(parents=True)
        (logs / "kept.jsonl").write_bytes(told(9, 1, 1, 1, "line", "s1", None))
        grown = fresh(logs, Path(folder, "grown"))
        for step, (what, number, lines, torn) in enumerate(changes):
            path, data = logs / f"{number}.jsonl", b"".join(lines)
            if what == "append":
                with path.open("ab") as file:
                    file.write(data[: len(data) - torn])
            elif what == "write":
                path.write_bytes(data)
            elif what == "delete":
                path.unlink(missing_ok=True)
            elif path.exists():
                path.rename(logs / f"moved-{step}.jsonl")
            grown.update()
            anew = fresh(logs, Path(folder, f"anew-{step}"))
            assert rows(grown) == rows(anew)
            assert grown.dropped() == anew.dropped()
            assert grown.skipped() == anew.skipped()
            assert grown.usage_sha256 == anew.usage_sha256
            anew.close()
        grown.close()
