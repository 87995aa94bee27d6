"""Proofs of single events, for those who have no access to the log."""

import sys
from pathlib import Path
from typing import Annotated, Final

import psycopg
import typer

from eventstore.log import LINE
from eventstore.sealing import proofs, proving
from eventstore.sealing.proofs import NotProved, Proof, ProofMalformed, Proved
from eventstore.sealing.signatures import SealKeyMissing
from infra import sealing
from infra.cli.seals import PublicKey
from infra.seal_keys import read_public_key
from infra.settings import find_urls, read_settings

STANDARD_OUTPUT: Final = Path("-")


def prove(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its position, or its id.")],
    out: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="The file to write, - for standard output; proof-POSITION.json."
        ),
    ] = None,
    public_key: PublicKey = None,
) -> None:
    """Write the proof that an event is in the log as it was sealed: one file, checked anywhere.

    It holds all of the event, what it says about people included. Whoever checks it needs the
    public key of the first seal (`psa seals key`), and no access to anything of ours.

    Example: psa audit prove 4711 --out proof.json
    """
    settings = read_settings()
    first_key = sealing.first_key(settings, public_key)
    with psycopg.connect(find_urls(settings).postgres, autocommit=True, **LINE) as connection:
        proof = proving.prove(connection, event, first_key)
    if out == STANDARD_OUTPUT:
        sys.stdout.buffer.write(proofs.write(proof).encode())
        return
    path = out or Path(f"proof-{proof.event.position}.json")
    path.write_text(proofs.write(proof), encoding="utf-8")
    print(f"Written to {path}: {proofs.check(proof, first_key)}.")  # noqa: T201 - the result


def check_proof(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The proof.")],
    public_key: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="PEM file of the key of the first seal, as you keep it.",
        ),
    ],
) -> None:
    """Check a proof offline; exit code 1 when it does not hold, 2 when it is none.

    Nothing is asked but the two files: no database, no settings, no network.

    Example: psa audit check-proof proof.json --public-key seals.pem
    """
    try:
        proved = _checked(file, public_key)
    except NotProved as wrong:
        print(f"Not proved: {wrong}.")  # noqa: T201 - the result
        sys.exit(1)
    except (ProofMalformed, SealKeyMissing, OSError) as error:
        print(f"psa: {error}", file=sys.stderr)  # noqa: T201 - this is a command line
        sys.exit(2)
    print(f"Proved: {proved}.")  # noqa: T201 - the result


def _checked(file: Path, public_key: Path) -> Proved:
    key = read_public_key(public_key)
    try:
        proof: Proof = proofs.read(file.read_bytes())
        return proofs.check(proof, key)
    except ProofMalformed as error:
        # A parser may answer in lines, and with what it has found.
        msg = f"{file} is no proof of an event: {' '.join(str(error).split())[:200]}."
        raise ProofMalformed(msg) from error
