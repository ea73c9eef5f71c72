"""Laws of the ledger: however lines are spread over files, and however files came to be, the same requests count."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.usage.ledger.ledger import Ledger, open_ledger

from .logs import line, mirror, raw
from .tally import assert_sums_are_of_the_requests

COLUMNS = (
    "request_key, rule, time_ms, session, agent_id, project, mode, prompt_tok, output_tok, web_searches,"
    " context_bucket, output_ctx_tok2, new_ctx_tok2, kv_resident_tok_s, partial_output"
)


def told(number: int, output: int, read: int, second: int, kind: str, session: str, stop: str | None) -> bytes:
    usage, time = {"output_tokens": output, "cache_read_input_tokens": read}, f"2026-03-05T10:00:{second:02d}Z"
    said = line(f"msg_{number}", usage=usage, time=time, sessionId=session, isSidechain=kind == "sidechain", stop=stop)
    return raw(mirror(said) if kind == "mirror" else said)


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


def test_what_is_summed_of_each_request_is_a_whole_number_and_so_the_same_in_any_order(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "-p"
    logs.mkdir(parents=True)
    said = [
        line(f"msg_{number}", usage={"output_tokens": 3 * number + 1, "cache_read_input_tokens": 1_001 + number},
             time=f"2026-03-05T10:00:{second}Z", sessionId="s", stop="end_turn")
        for number, second in enumerate(["00.300", "01.234", "07.001", "55.555"])
    ]  # fmt: skip
    (logs / "s.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said))
    with closing(fresh(logs.parent, tmp_path / "home")) as ledger:
        sums = rows(ledger, "kv_resident_tok_s, output_ctx_tok2, new_ctx_tok2")
    assert [kept for kept, *_ in sums] == [935, 5779, 48700, 301_200]  # of 934.9, 5778.5, 48699.7
    assert all(value == int(value) for of_request in sums for value in of_request)


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
            assert_sums_are_of_the_requests(grown.connection)
            assert_sums_are_of_the_requests(anew.connection)
            assert grown.dropped() == anew.dropped()
            assert grown.skipped() == anew.skipped()
            assert grown.usage_sha256 == anew.usage_sha256
            anew.close()
        grown.close()


@given(lines=st.lists(st.tuples(LINE, st.integers(0, 2)), min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_a_request_is_dated_by_the_first_line_of_its_kind_that_told_its_output(lines: list[tuple[bytes, int]]) -> None:
    """Counted here by hand, from all lines at once, whichever files they are in."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder, "logs", "-p")
        logs.mkdir(parents=True)
        for number in range(3):
            (logs / f"{number}.jsonl").write_bytes(b"".join(part for part, file in lines if file == number))
        ledger = fresh(logs, Path(folder, "home"))
        found = dict(rows(ledger, "request_key, time_ms"))
        ledger.close()
    tellings: dict[str, list[tuple[tuple[bool, bool, bool, int], int]]] = {}
    for part, _ in lines:
        said = json.loads(part)
        is_mirror = "data" in said
        message = said["data"]["message"]["message"] if is_mirror else said["message"]
        is_sidechain = not is_mirror and said["isSidechain"]
        at_ms = round(datetime.fromisoformat(said["timestamp"]).timestamp() * 1000)
        rank = (message["stop_reason"] is None, is_mirror, is_sidechain, -message["usage"]["output_tokens"])
        tellings.setdefault(f"m:{message['id']}", []).append((rank, at_ms))
    best = {key: min(some)[0] for key, some in tellings.items()}
    assert found == {
        key: min(at_ms for rank, at_ms in some if rank[1:] == best[key][1:]) for key, some in tellings.items()
    }
