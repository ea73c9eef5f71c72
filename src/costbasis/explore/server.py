"""The server: addresses to answers. Everything it can reach is the explorer's data and four files of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from costbasis.errors import CostbasisError
from costbasis.explore import view
from costbasis.explore.answer import Explorer
from costbasis.explore.guard import MOST_BODY_BYTES, Guard
from costbasis.explore.picture import ladder_svg, png_of
from costbasis.explore.scenario import Scenario, scenario_of, toml_of
from costbasis.explore.warming import keep_warm
from costbasis.explore.worker import Busy, Gone, Worker
from costbasis.reports.html import report_page
from costbasis.reports.json import to_json
from costbasis.reports.verdict_page import verdict_page

Build = Callable[[Sequence[str]], dict[str, Any]]
"""Runs a command line as far as its object."""

STATIC = {"explore.css": "text/css", "explore.js": "text/javascript", "icon.svg": "image/svg+xml"}

MOST_REPORTS = 4
"""Reports that may be waited for at a time: each takes seconds."""


class Pages:
    """The handlers. *build* makes the reports to download, by the command that is printed on the page."""

    def __init__(self, explorer: Explorer, build: Build) -> None:
        self.explorer = explorer
        self.build = build
        self.answers = Worker("explorer")
        self.reports = Worker("explorer-report", MOST_REPORTS)
        self.last = Scenario()

    async def whole(self, request: Request) -> Response:
        """The page."""
        return await self._answered(request, self._page, HTMLResponse)

    def _page(self, scenario: Scenario) -> str:
        explorer = self.explorer
        subjects, plans = list(explorer.subjects.all(explorer.base)), explorer.plans()
        return view.page(explorer.quick(scenario), explorer.controls(scenario), subjects, plans, scenario)

    def broken_page(self, error: CostbasisError) -> str:
        """The page with a message in place of the answer, and everything still to be chosen."""
        explorer = self.explorer
        subjects = list(explorer.subjects.all(explorer.base))
        return view.page(None, (), subjects, explorer.plans(), Scenario(), error_parts(error))

    async def ladder(self, request: Request) -> Response:
        """The part that moves with a slider."""
        return await self._answered(request, lambda scenario: view.ladder(self.explorer.quick(scenario)), HTMLResponse)

    async def more(self, request: Request) -> Response:
        """What would have to be true, the map and the drivers."""
        return await self._answered(request, lambda scenario: view.more(self.explorer.more(scenario)), HTMLResponse)

    async def answer(self, request: Request) -> Response:
        """The numbers of the ladder as JSON."""
        return await self._answered(request, lambda scenario: to_json(self.explorer.quick(scenario)), _json)

    async def scenario(self, request: Request) -> Response:
        """The scenario as a file."""

        def written(scenario: Scenario) -> str:
            self.explorer.base.under([text for text in scenario.settings if not text.startswith("claim/")])
            return toml_of(scenario, self.explorer.command(scenario))

        return await self._answered(request, written, _toml)

    async def picture(self, request: Request) -> Response:
        """The ladder as a picture."""
        is_png = request.url.path.endswith(".png")

        def drawn(scenario: Scenario) -> bytes:
            answer = self.explorer.quick(scenario)
            svg = ladder_svg(answer, view.sentence_of(answer))
            return png_of(svg) if is_png else svg.encode()

        return await self._answered(request, drawn, _png if is_png else _svg)

    async def report(self, request: Request) -> Response:
        """The report (or the verdict) as the command writes it, made by that command."""

        def made(scenario: Scenario) -> str:
            words = self.explorer.words(scenario)
            if words is None:
                if not self.explorer.subject(scenario).is_claim:
                    hint = "take the picture or the numbers"
                    raise CostbasisError("a usage file holds no requests: there is no report of it", hint=hint)
                return verdict_page(self.explorer.more(scenario)["verdict"])
            built = self.build(words)
            return verdict_page(built) if words[0] == "check" else report_page(built)

        return await self._answered(request, made, HTMLResponse, self.reports)

    async def files(self, request: Request) -> Response:
        """Take a file in: a claim or a usage. It is kept in memory, under the hash of its text."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BODY_BYTES:
                return JSONResponse({"what": f"at most {MOST_BODY_BYTES:,} bytes"}, 413)
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            return JSONResponse({"what": "the file is no text", "hint": "a claim is TOML, a usage JSON"}, 400)
        name, explorer = request.query_params.get("name", "file"), self.explorer
        try:
            subject = await self.answers.run(partial(explorer.subjects.hand_in, text, name, explorer.base))
        except CostbasisError as error:
            return JSONResponse(error_parts(error), 400)
        except Busy:
            return JSONResponse({"what": "too much is asked at once"}, 503, {"retry-after": "1"})
        return JSONResponse({"of": subject.id})

    async def static(self, request: Request) -> Response:
        """One of the page's own files, by its name in a table."""
        name = request.path_params["name"]
        if name not in STATIC:
            return Response("There is no such file.\n", 404)
        text = (files("costbasis.explore") / "static" / name).read_text(encoding="utf-8")
        return Response(text, media_type=STATIC[name])

    async def _answered(
        self, request: Request, call: Callable[[Scenario], Any], shown: Callable[[Any], Response],
        worker: Worker | None = None,
    ) -> Response:  # fmt: skip
        try:
            scenario = scenario_of(request.query_params.multi_items())
            self.last = scenario
            started = time.perf_counter()
            found = await (worker or self.answers).run(lambda: call(scenario), request.is_disconnected)
        except CostbasisError as error:
            return await self._refused(request, error)
        except Busy:
            return _busy()
        except Gone:
            return Response(status_code=499)
        except Exception:
            logging.getLogger("costbasis.explore").exception("an answer failed")
            parts = {"what": "the explorer failed at this", "hint": "the terminal says more; please report it"}
            return HTMLResponse(view.error_box(parts), 500)
        response = shown(found)
        response.headers["x-costbasis-ms"] = str(round(1000 * (time.perf_counter() - started)))
        return response

    async def _refused(self, request: Request, error: CostbasisError) -> Response:
        """The message in place of the answer; on the page, with everything still to be chosen."""
        if request.url.path != "/":
            return HTMLResponse(view.error_box(error_parts(error)), 400)
        try:
            page = await self.answers.run(partial(self.broken_page, error), request.is_disconnected)
        except (Busy, Gone):
            return _busy()
        return HTMLResponse(page, 400)


def _busy() -> Response:
    parts = {"what": "too much is asked at once", "hint": "try again in a second"}
    return HTMLResponse(view.error_box(parts), 503, {"retry-after": "1"})


def error_parts(error: CostbasisError) -> dict[str, str]:
    """An error as what, where and what to do."""
    return {"what": error.what, "where": error.where, "hint": error.hint}


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _toml(text: str) -> Response:
    return Response(text, media_type="application/toml")


def _svg(data: bytes) -> Response:
    return Response(data, media_type="image/svg+xml")


def _png(data: bytes) -> Response:
    return Response(data, media_type="image/png")


def application(explorer: Explorer, build: Build, token: str, port: int, *, is_warm: bool = True) -> Guard:
    """The application behind its guard. *is_warm*: work the slow slider's steps out while nobody asks."""
    pages = Pages(explorer, build)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with keep_warm(pages, explorer) if is_warm else _nothing():
            yield
        pages.answers.close()
        pages.reports.close()
        explorer.subjects.close()

    routes = [
        Route("/", pages.whole),
        Route("/ladder", pages.ladder),
        Route("/more", pages.more),
        Route("/answer.json", pages.answer),
        Route("/scenario.toml", pages.scenario),
        Route("/picture.svg", pages.picture),
        Route("/picture.png", pages.picture),
        Route("/report.html", pages.report),
        Route("/files", pages.files, methods=["POST"]),
        Route("/static/{name}", pages.static),
    ]
    return Guard(Starlette(routes=routes, lifespan=lifespan), token, port)


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield
