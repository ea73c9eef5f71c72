"""``costbasis company``: the walk from list value to cash, and one company's margins side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from costbasis.cli.common import shared_options
from costbasis.cli.session import Session, show, split_session
from costbasis.cli.words import command_line

if TYPE_CHECKING:
    from costbasis.company.walk import FreeUsers


@click.command("company")
@click.argument("company")
@click.option(
    "--free-users",
    type=click.Choice(["reported", "cogs", "marketing"]),
    default="reported",
    show_default=True,
    help="Book free users' inference as reported, in cost of revenue, or in marketing.",
)
@click.option("--stock-pay/--no-stock-pay", default=True, show_default=True, help="Stock pay is an operating cost.")
@click.option("--life-months", type=float, default=0.0, show_default=True, help="Write training off over (0: at once).")
@click.option(
    "--revenue", type=click.Choice(["gross", "net"]), default="gross", show_default=True, help="Of a cloud's share."
)
@click.option(
    "--compute",
    type=click.Choice(["lease", "capital"]),
    default="lease",
    show_default=True,
    help="Compute is hired, or bought and depreciated.",
)
@click.option("--one-off", is_flag=True, help="Walk on to the net result, with what is not operations.")
@shared_options
def command(**params: Any) -> None:
    """Walk COMPANY (openai, anthropic, minimax, zhipu, deepseek, reseller, or a file) from list value to cash.

    What is not published stays unknown. Every margin is shown with the definition that gives it.
    """
    session, own = split_session(params)
    from costbasis.reports.company_text import company_text

    result = build(session, **own)
    show(session, result, lambda: company_text(result, style=session.style))


def build(
    session: Session,
    *,
    company: str,
    free_users: FreeUsers,
    stock_pay: bool,
    life_months: float,
    revenue: Literal["gross", "net"],
    compute: Literal["lease", "capital"],
    one_off: bool,
) -> dict[str, Any]:
    """The ``costbasis.company/1`` object."""
    words = command_line(command, session, dict(locals()))
    from costbasis.company import Switches, find_company, walk
    from costbasis.errors import BadArgument
    from costbasis.reports.company_object import company_object

    if not 0 <= life_months < float("inf"):
        raise BadArgument(f"a life is at least 0 months, not {life_months:g}", where="--life-months")
    switches = Switches(
        free_users=free_users,
        stock_pay=stock_pay,
        life_months=life_months,
        revenue=revenue,
        compute=compute,
        one_off=one_off,
    )
    catalog = session.catalog
    return company_object(walk(find_company(company, catalog), switches), catalog, session.as_of, words)
