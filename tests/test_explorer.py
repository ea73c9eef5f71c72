"""The explorer's server on a real socket: its numbers are the commands', and nobody but its user reaches anything."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.requests import Request

from costbasis.catalog.load import load_catalog
from costbasis.explore.answer import Explorer
from costbasis.explore.guard import Guard
from costbasis.explore.server import Pages
from costbasis.explore.subjects import Subjects
from costbasis.explore.worker import Worker
from tests.command import Run
from tests.explorer import Reply, Running, start, stop

pytestmark = pytest.mark.slow

SETTINGS = (
    "fleet/default.load_factor_frac=0.3",
    "opportunity/default.lambda_frac=0.25",
    "rate/any.usd_per_accel_hour=2.5",
)


def query(**more: str) -> str:
    return urlencode([*more.items(), *(("set", text) for text in SETTINGS)])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Running]:
    one = start(home, "--sample")
    yield one
    assert stop(one) == 0
    assert "Traceback" not in one.said.read_text()


# ---- the same numbers


def test_page_json_and_terminal_say_the_same_of_a_usage(running: Running, home: Path) -> None:
    settings = [word for text in SETTINGS for word in ("--set", text)]
    told = Run(home, "report", "--sample", *settings, "--json", "--quiet").json
    shown = Run(home, "report", "--sample", *settings, "--quiet").out
    answer = json.loads(running.text(f"/answer.json?{query(of='sample')}"))
    page = running.text(f"/?{query(of='sample')}")
    for field in ("ladder", "parties", "list_over_serving", "routes"):
        assert answer[field] == told[field], field
    assert answer["list_usd"] == told["usage"]["total"]["bases"]["list_usd"]
    assert answer["plan"] == {name: told["plan"][name] for name in answer["plan"]}
    assert answer["catalogue_sha256"] == told["catalogue_sha256"]
    serving = re.search(r"^  serving +what they cost to produce +([\d,.]+) +([\d,.]+ – [\d,.]+)$", shown, re.MULTILINE)
    assert serving is not None
    row = re.search(
        r'what they cost to produce.*?<td class="n">([\d,.]+)</td>\s*<td class="n soft">(.*?)</td>', page, re.S
    )
    assert row is not None
    assert row.groups() == serving.groups()
    assert f"{float(answer['list_usd']):,.2f}" in shown
    assert f"{float(answer['list_usd']):,.2f}" in page


def test_page_json_and_terminal_say_the_same_of_a_claim(running: Running, home: Path) -> None:
    settings = [word for text in SETTINGS for word in ("--set", text)]
    told = Run(home, "check", "forbes-5000", *settings, "--json").json
    answer = json.loads(running.text(f"/answer.json?{query(of='claim:forbes-5000')}"))["verdict"]
    for field in ("ladder", "verdict", "answer", "quantity_needed", "on_basis", "for_whom", "reproduce", "confidence"):
        assert answer[field] == told[field], field
    assert told["answer"].replace('"', "&#34;") in running.text(f"/?{query(of='claim:forbes-5000')}")
    flips = running.text(f"/more?{query(of='claim:forbes-5000')}")
    assert all(line.partition(" (")[0] in flips for line in told["flips"])


def test_the_command_on_the_page_and_the_scenario_file_give_the_same_again(running: Running, home: Path) -> None:
    file = home / "scenario.toml"
    file.write_text(running.text(f"/scenario.toml?{query(of='sample')}"))
    answer = json.loads(running.text(f"/answer.json?{query(of='sample')}"))
    again = Run(home, "explore", "--sample", "--scenario", str(file), "--json").json
    assert again["ladder"] == answer["ladder"]
    words = answer["reproduce"]["command"]
    assert words.startswith("costbasis report --sample --plan anthropic/max_20x --set ")
    assert all(f"--set {text}" in words for text in SETTINGS)


def test_the_report_is_the_one_of_the_command(running: Running) -> None:
    page = running.text(f"/report.html?{query(of='sample')}")
    answer = json.loads(running.text(f"/answer.json?{query(of='sample')}"))
    assert "<!doctype html>" in page[:40].lower()
    assert "sample month (synthetic)" in page and "80 %" in page
    assert answer["catalogue_sha256"][:8] in page


def test_pictures_are_pictures(running: Running) -> None:
    svg = running.text(f"/picture.svg?{query(of='sample')}")
    assert svg.startswith("<svg") and "serving" in svg
    assert running.ask(f"/picture.png?{query(of='claim:forbes-5000')}").status == 200


# ---- who may ask


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "127.0.0.1:1", "[::1]", ""]
)
def test_a_foreign_host_is_refused_even_with_the_token(running: Running, host: str) -> None:
    assert running.ask("/answer.json", Host=host).status in (400, 403)


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_site_is_refused_even_with_the_token(running: Running, header: dict[str, str], method: str) -> None:
    reply = running.ask("/files?name=x.toml" if method == "POST" else "/ladder", method=method, body=b"x", **header)
    assert (reply.status, reply.text) == (403, "Another site asked for this.\n")


def test_without_the_token_nothing_is_shown(running: Running) -> None:
    for path in ("/", "/ladder", "/static/explore.js", "/answer.json", "/?token=", "/?token=wrong"):
        reply = running.ask(path, known=False)
        assert reply.status == 403, path
        assert "token" in reply.text and "costbasis explore printed" in reply.text
    assert running.ask("/", known=False, x_costbasis_token="x" * 32).status == 403
    assert running.ask("/", known=False, Cookie=f"costbasis-{running.port}=é").status == 403


def test_the_token_moves_from_the_address_to_a_cookie_of_this_site_alone(running: Running) -> None:
    reply = running.ask(f"/?token={running.token}&of=sample", known=False)
    assert (reply.status, reply.headers["location"]) == (303, "/?of=sample")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert running.ask("/static/explore.js", known=False, Cookie=cookie.partition(";")[0]).status == 200


def test_only_the_loopback_address_listens(running: Running) -> None:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{running.port:04X}")]
    assert listening == [f"0100007F:{running.port:04X}"]


def test_the_policy_forbids_everything_inline_and_everything_outside(running: Running) -> None:
    reply = running.ask(f"/?{query(of='sample')}")
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy and "http" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://", reply.text)


@pytest.mark.parametrize(
    "path",
    ["/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2f..%2fserver.py", "/static//etc/passwd",
     "//etc/passwd", "/../../../../etc/passwd", "/static/explore.js/../../../catalog/data/facts.csv", "/static/%00",
     "/static/", "/static/templates/page.html.j2", "/..;/", "/static/explore.css%00.js"],
)  # fmt: skip
def test_no_path_leads_to_another_file(running: Running, path: str) -> None:
    reply = running.ask(path)
    assert reply.status in (400, 404), reply.text[:200]
    assert "root:" not in reply.text and "import " not in reply.text


@pytest.mark.parametrize("of", ["/etc/passwd", "../../etc/passwd", "claim:../../../etc/passwd", "file:../x", "given:9"])
def test_no_subject_leads_to_another_file(running: Running, of: str) -> None:
    reply = running.ask(f"/ladder?of={quote(of, safe='')}")
    assert reply.status == 400
    assert "unknown subject" in reply.text and "root:" not in reply.text


# ---- too much


def test_ten_megabytes_are_refused_when_they_are_announced(running: Running) -> None:
    reply = running.ask("/ladder", Content_Length="10000000")
    assert (reply.status, reply.text) == (413, "At most 1,000,000 bytes.\n")


@pytest.mark.parametrize("length", ["²", "+5", "-1", "9" * 5_000, "1e3", ""])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"",
             "headers": [(b"host", b"127.0.0.1:1"), (b"content-length", length.encode("latin-1"))]}  # fmt: skip
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing is read")

    asyncio.run(Guard(_unasked, "token", 1)(scope, receive, send))
    assert sent[0]["status"] == 413


async def _unasked(*_: object) -> None:
    raise AssertionError("the guard lets it through")


def test_ten_megabytes_are_refused_when_they_are_not(running: Running) -> None:
    connection = HTTPConnection("127.0.0.1", running.port, timeout=60)
    status = 0
    try:
        chunks = (b"x" * 65_536 for _ in range(160))
        headers = {"x-costbasis-token": running.token, "Transfer-Encoding": "chunked"}
        connection.request("POST", "/files?name=a.toml", chunks, headers, encode_chunked=True)
        status = connection.getresponse().status
    except (ConnectionError, BrokenPipeError):
        status = 413  # it hung up before all was sent
    finally:
        connection.close()
    assert status == 413
    assert running.ask("/static/icon.svg").status == 200


def test_an_address_without_end_is_refused(running: Running) -> None:
    assert running.ask(f"/ladder?of={'x' * 20_000}").status in (400, 414)
    many = urlencode([("set", f"fleet/default.k{index}=1") for index in range(80)])
    assert "more than 64 facts" in running.ask(f"/ladder?{many}").text


def test_five_hundred_requests_at_once_end_nothing(running: Running) -> None:
    def one(index: int) -> int:
        try:
            with socket.create_connection(("127.0.0.1", running.port), timeout=120) as made:
                path = f"/ladder?of=sample&set=opportunity/default.lambda_frac={index / 1000}"
                head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nConnection: close\r\n"
                made.sendall(f"{head}x-costbasis-token: {running.token}\r\n\r\n".encode())
                return int(made.recv(64).split()[1])
        except (OSError, IndexError):
            return 0

    with ThreadPoolExecutor(500) as pool:
        found = list(pool.map(one, range(500)))
    assert set(found) <= {200, 503}, sorted(set(found))
    assert found.count(200) >= 10
    assert running.ask("/ladder?of=sample").status == 200


def test_a_bad_question_in_a_full_line_is_told_to_come_back() -> None:
    pages = Pages(Explorer(load_catalog(), Subjects((), 1)), lambda words: {})
    pages.answers = Worker("full", 0)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"hack=1",
             "scheme": "http", "server": ("127.0.0.1", 1)}  # fmt: skip

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    assert asyncio.run(pages.whole(Request(scope, receive))).status_code == 503


# ---- bad input


BAD = {
    "of=nothing": "unknown subject &#34;nothing&#34;",
    "plan=zzz": "unknown plan &#34;zzz&#34;",
    "set=nonsense": "&#34;nonsense&#34; sets nothing",
    "set=fleet/default.lode_factor_frac=0.4": "did you mean &#34;fleet/default.load_factor_frac&#34;",
    "set=fleet/default.load_factor_frac=7": "a share",
    "set=fleet/default.load_factor_frac=nan": "is not a value for",
    "set=fleet/default.load_factor_frac=0.9..0.1": "is not a value for",
    "set=rate/any.usd_per_accel_hour=0": "must be above zero",
    "set=claim/price.value=3": "unknown key",
    "set=claim/a%0Ab=1": "cannot be printed",
    "hack=1": "&#34;hack&#34; is nothing that can be asked for",
    "of=%3Cscript%3Ealert(1)%3C/script%3E": "&lt;script&gt;",
}


@pytest.mark.parametrize("asked", BAD)
def test_nonsense_in_the_address_is_a_message_with_a_way_on(running: Running, asked: str) -> None:
    for path in ("/", "/ladder"):
        reply = running.ask(f"{path}?{asked}" if asked.startswith("of") else f"{path}?of=sample&{asked}")
        assert reply.status == 400
        assert BAD[asked] in reply.text
        assert "Start again" in reply.text
        assert "Traceback" not in reply.text and "<script>" not in reply.text


def _handed(running: Running, text: str | bytes, name: str = "mine.toml") -> Reply:
    body = text.encode() if isinstance(text, str) else text
    return running.ask(f"/files?name={quote(name)}", method="POST", body=body)


def test_a_claim_file_can_be_handed_in_and_is_judged(running: Running) -> None:
    shipped = {path.stem: path for path in load_catalog().claim_paths()}
    text = shipped["forbes-5000"].read_text().replace('id = "forbes-5000"', 'id = "mine"')
    text = text.replace("A $200 coding plan", "<img src=x onerror=alert(1)> plan")
    reply = _handed(running, text, "<b>mine</b>.toml")
    assert reply.status == 200, reply.text
    page = running.text(f"/?of={json.loads(reply.text)['of']}")
    assert "&lt;img src=x" in page and "<img" not in page and "&lt;b&gt;mine" in page
    assert "right number, wrong basis" in page


def test_a_usage_file_can_be_handed_in_and_is_valued(running: Running, home: Path) -> None:
    told = Run(home, "report", "--sample", "--json", "--quiet").json
    told["usage"]["rows"][0]["models"].append({"model": "<script>x</script>", "tokens": {"input": 5}, "bases": {}})
    reply = _handed(running, json.dumps(told), "usage.json")
    assert reply.status == 200, reply.text
    path = f"/answer.json?of={json.loads(reply.text)['of']}"
    answer = json.loads(running.text(path))
    assert answer["list_usd"] == told["usage"]["total"]["bases"]["list_usd"]
    serving = {rung["basis"]: rung["usd"]["p50"] for rung in reversed(answer["ladder"])}["serving"]
    own = {rung["basis"]: rung["usd"]["p50"] for rung in reversed(told["ladder"])}["serving"]
    assert 0.4 < serving / own < 2.5
    page = running.text(path.replace("answer.json", ""))
    assert "&lt;script&gt;x" in page and "contexts and cache times are not in the file" in page


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "the file is empty"), ("{", "not valid JSON"), ("{}", "this is not costbasis.usage/1"),
     ("x = ", "not valid TOML"),
     ('{"schema": "costbasis.usage/1", "rows": 7}', "it has no rows"),
     ('{"schema": "costbasis.usage/1", "rows": [{"key": "2026-03-01", "models": 3}]}', "a row has no models"),
     (b"\xff\xfe\x00", "the file is no text"), ("[" * 100_000, "not valid TOML"), ('{"a":' * 50_000, "not valid JSON")],
)  # fmt: skip
def test_a_file_that_is_neither_is_refused_with_a_reason(running: Running, text: str | bytes, says: str) -> None:
    reply = _handed(running, text)
    assert reply.status == 400
    assert says in json.loads(reply.text)["what"]


ALL = dict.fromkeys(
    ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning"), 5
)
ROW = {"model": "claude-opus-4-6", "requests": 1, "tokens": ALL, "bases": {"list_usd": "1"}}


@pytest.mark.parametrize(("row", "says"), [
    (ROW | {"tokens": ALL | {"input": -5}}, 'input is no whole number: "-5"'),
    (ROW | {"tokens": ALL | {"input": 1e400}}, 'input is no whole number: "inf"'),
    (ROW | {"tokens": {"input": 5}}, "cache_write_5m is no whole number: missing"),
    (ROW | {"bases": {"list_usd": "NaN"}}, '"NaN" is no amount of USD'),
    (ROW | {"bases": {"list_usd": "1e999999"}}, "is no amount of USD"),
    (ROW | {"requests": "many"}, 'requests is no whole number: "many"'),
    ({name: ROW[name] for name in ROW if name != "requests"}, "requests is no whole number: missing"),
    (ROW | {"model": "=cmd()"}, "no model in it has a list price: =cmd()"),
    ({}, "no model in it has a list price"),
])  # fmt: skip
def test_a_usage_file_with_impossible_rows_is_refused_where_it_is_handed_in(
    running: Running, row: dict[str, object], says: str
) -> None:
    usage = {"schema": "costbasis.usage/1", "as_of": "2026-03-02", "rows": [{"key": "2026-03-01", "models": [row]}]}
    reply = _handed(running, json.dumps(usage), "bad rows.json")
    assert reply.status == 400
    assert says in json.loads(reply.text)["what"]
    assert "bad rows" not in running.text("/?of=sample")  # it is not kept among what can be looked at


def test_what_was_handed_in_is_never_what_an_address_without_a_name_shows(running: Running) -> None:
    text = next(path.read_text() for path in load_catalog().claim_paths() if path.stem == "forbes-5000")
    assert _handed(running, text.replace('id = "forbes-5000"', 'id = "another"')).status == 200
    assert json.loads(running.text("/answer.json"))["kind"] == "usage"


def test_an_empty_ledger_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "s.jsonl").write_text("{}\n")
    one = start(tmp_path, str(tmp_path / "logs"))
    try:
        reply = one.ask("/")
        assert reply.status == 400
        assert "That cannot be answered" in reply.text and "sample month" in reply.text
    finally:
        stop(one)


def test_a_port_that_is_taken_is_said(running: Running, home: Path) -> None:
    run = Run(home, "explore", "--sample", "--no-open", "--port", str(running.port))
    assert run.status == 2
    assert f"--port: port {running.port} is not to be had" in run.err
    assert "hint: choose another --port, or none" in run.err


def test_a_place_that_is_not_there_is_said(home: Path) -> None:
    run = Run(home, "explore", "nowhere", "--no-open")
    assert (run.status, run.err.partition("\n")[0]) == (2, "costbasis: nowhere: there is no such claim, file or folder")


def test_without_the_extra_it_says_what_to_install(home: Path, tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError('no', name='starlette')")
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no', name='uvicorn')")
    run = Run(home, "explore", "--sample", PYTHONPATH=str(tmp_path))
    assert run.status == 2
    assert "explore: the explorer needs starlette and uvicorn" in run.err
    assert "pip install 'costbasis[web]'" in run.err


def test_it_is_up_in_a_moment(home: Path) -> None:
    begun = time.monotonic()
    one = start(home, "--sample")
    took = time.monotonic() - begun
    one.text("/static/icon.svg")
    assert stop(one) == 0
    assert took < 20, "the address is printed before anything is read"
