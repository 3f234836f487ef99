"""The ``rag`` command with what the page adds to it: ``rag chat`` and ``rag password``."""

from __future__ import annotations

from pathlib import Path

import click

from rag.cli import embedder_option, generator_option, index_option, main

__all__ = ["main"]


@main.command(
    epilog="""
\b
Examples:
  rag chat                                  the page, in your browser
  rag chat --port 8080 --no-browser
  rag password logins.txt anna && rag chat --host 0.0.0.0 --auth logins.txt
"""
)
@click.option(
    "--host",
    help="Address to listen on; any other than this machine's own needs --auth.  [default: 127.0.0.1]",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port.  [default: 7860, or the next free one]")
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@click.option(
    "--auth",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Ask for a login; FILE is made by `rag password`.",
)
@index_option
@embedder_option
@generator_option
def chat(
    host: str | None,
    port: int | None,
    no_browser: bool,
    auth: Path | None,
    index_dir: Path | None,
    embedder: str | None,
    generator: str | None,
) -> None:
    """Serve the chat page, where every answer can be checked against its source.

    Sets itself up: fetches the models, and indexes seeds/ when there is no index yet; the page shows how far it is.
    The same port serves an OpenAI-compatible API at /v1 and Gradio's own API.
    """
    from rag.settings import load_settings
    from ui.app import serve

    settings = load_settings(
        index_dir=index_dir,
        index={"embedding": {"model": embedder}},
        generation={"model": generator},
        chat={"host": host, "port": port, "logins": auth},
    )
    serve(settings, open_browser=not no_browser)


@main.command(
    epilog="""
\b
Examples:
  rag password logins.txt anna              asks for the password twice
"""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("name")
@click.password_option(help="The password; better left out, then it is asked for.")
def password(file: Path, name: str, password: str) -> None:
    """Set NAME's password in FILE, the logins for `rag chat --auth FILE`; only its hash is stored."""
    from ui.access import set_password

    set_password(file, name, password)
    click.echo(f"{name} can log in with `rag chat --auth {file}`", err=True)
