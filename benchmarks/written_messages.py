"""Write messages that were written to be learnt from as a corpus that `train` reads.

    python benchmarks/written_messages.py disasters -o written.jsonl
    python benchmarks/written_messages.py everyday -o everyday.jsonl

written_messages.txt holds messages about disasters and everything else, in the voices of many parts of the world;
everyday_messages.txt what people and automatic accounts post besides, in many languages, most of it without a place but
full of what might be taken for one. Their mentions (`marked_messages.py`) follow docs/street-guideline.md; demonyms are
avoided, as guidelines differ. They were written one by one, by language models that had seen neither the code nor any
other message, and name no place of the regions that the street messages are about. `train` leaves out what is a
near-duplicate of dev.
"""

from __future__ import annotations

from pathlib import Path

import click
from marked_messages import read_messages
from street_messages import write_messages

MESSAGES = {
    "disasters": Path(__file__).with_name("written_messages.txt"),
    "everyday": Path(__file__).with_name("everyday_messages.txt"),
}


@click.command()
@click.argument("subject", type=click.Choice(list(MESSAGES)))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
def main(subject: str, output: Path) -> None:
    """Write the messages of a SUBJECT as JSON Lines."""
    messages = [each.message for each in read_messages(MESSAGES[subject])]
    write_messages(messages, output)
    click.echo(f"{len(messages)} messages, {sum(len(message.mentions) for message in messages)} mentions")


if __name__ == "__main__":
    main()
