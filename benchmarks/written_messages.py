"""Write the messages that were written to be learnt from as a corpus that `train` reads.

    python benchmarks/written_messages.py -o written.jsonl

written_messages.txt holds messages about disasters and everything else, in the voices of many parts of the world, with
their mentions (`marked_messages.py`), which follow docs/street-guideline.md; demonyms are avoided, as guidelines
differ. They were written one by one, by language models that had seen neither the code nor any other message, and name
no place of the regions that the street messages are about. `train` leaves out what is a near-duplicate of dev.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from marked_messages import read_messages

MESSAGES = Path(__file__).with_name("written_messages.txt")


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
def main(output: Path) -> None:
    """Write benchmarks/written_messages.txt as JSON Lines."""
    messages = [each.message for each in read_messages(MESSAGES)]
    lines = (json.dumps(asdict(message), ensure_ascii=False) for message in messages)
    output.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{len(messages)} messages, {sum(len(message.mentions) for message in messages)} mentions")


if __name__ == "__main__":
    main()
