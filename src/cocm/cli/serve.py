"""`cocm serve`: the practice server."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to answer at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Requests at once in a process.",
)
@click.option(
    "--job-workers",
    type=click.IntRange(0, 16),
    default=1,
    show_default=True,
    help="Processes for background jobs, such as closing a month; 0 where `cocm manage db_worker` runs them.",
)
@click.option("--certificate", type=click.Path(path_type=Path, exists=True), help="TLS certificate (PEM).")
@click.option("--key", type=click.Path(path_type=Path, exists=True), help="Its private key (PEM).")
def command(
    address: str,
    port: int,
    workers: int,
    threads: int,
    job_workers: int,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """Run the site. Its settings are environment variables; it does not start where they would be unsafe.

    The database must have this version's tables (`cocm manage migrate`). Stop it with Ctrl+C.

    \b
    Example:
      export COCM_SECRET_KEY=... DATABASE_URL=sqlite:////srv/cocm/cocm.sqlite COCM_HOSTS=cocm.example.org
      cocm manage migrate
      cocm serve --address 0.0.0.0 --port 443 --certificate site.pem --key site.key
    """
    from cocm.server.serve import ServeRequest, serve

    serve(ServeRequest(address, port, workers, threads, certificate, key, job_workers))
