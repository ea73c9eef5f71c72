"""``costbasis mcp``: tools for an agent, on stdin and stdout."""

from __future__ import annotations

import click


@click.command("mcp")
def command() -> None:
    """Serve usage, price, serving, plan, check and explain as tools for an agent (Model Context Protocol, stdio).

    An agent starts it; docs/mcp.md has the lines for its configuration. Nothing but the protocol is on stdout, and
    nothing is sent anywhere. Needs the extra: pip install 'costbasis[mcp]'.
    """
    from costbasis.errors import BadArgument

    try:
        from costbasis.mcp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio", "jsonschema"):
            raise
        hint = "pip install 'costbasis[mcp]'"
        raise BadArgument(f"the protocol's library is not installed ({error.name})", where="mcp", hint=hint) from error
    serve()
