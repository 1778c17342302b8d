"""The options that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lmr_hybrid.errors import OutputError
from lmr_hybrid.jobs import RecognizerChoice
from lmr_hybrid.linking.context import Context
from lmr_hybrid.output.atomic import check_writable
from lmr_hybrid.tagging.opening import RUNTIMES, Runtime

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_model_option: Decorator = click.option(
    "--model", type=click.Path(path_type=Path), help="A model folder; by default the embedded model."
)
_gazetteer_option: Decorator = click.option(
    "--gazetteer",
    "gazetteers",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A gazetteer folder, preferred over the embedded gazetteer of the world. May be given several times.",
)
_world_option: Decorator = click.option(
    "--world/--no-world", default=True, show_default=True, help="Use the embedded gazetteer of the world as well."
)
_operating_point_option: Decorator = click.option(
    "--operating-point",
    default="balanced",
    show_default=True,
    metavar="NAME",
    help="What matters more: high-recall, balanced or high-precision. A model without calibration has balanced alone.",
)
_near_option: Decorator = click.option(
    "--near", type=(float, float), metavar="LAT LON", help="The messages are about places near this point."
)
_country_option: Decorator = click.option(
    "--country", "countries", multiple=True, metavar="CODE", help="... in this country, such as BS. Repeatable."
)
_region_option: Decorator = click.option(
    "--region",
    type=(float, float, float, float),
    metavar="WEST SOUTH EAST NORTH",
    help="... in this box, in degrees. These three rank the places of a name and rule none out.",
)
_runtime_option: Decorator = click.option(
    "--runtime",
    type=click.Choice(RUNTIMES),
    default="auto",
    show_default=True,
    help="What runs the tagger: onnx its exported form, flair the model as it was trained; auto: the former, if any.",
)


def recognizer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose a recogniser, which it gets as one argument, `choice`."""

    @functools.wraps(command)
    def collected(
        *,
        model: Path | None,
        gazetteers: Sequence[Path],
        world: bool,
        operating_point: str,
        runtime: Runtime,
        **arguments: Any,
    ) -> Any:
        choice = RecognizerChoice(
            model=None if model is None else str(model),
            # The user's own first.
            gazetteers=(*map(str, gazetteers), *(["world"] if world else [])),
            operating_point=operating_point,
            runtime=runtime,
        )
        return command(choice=choice, **arguments)

    decorated: Callable[..., Any] = collected
    for option in reversed(_RECOGNIZER_OPTIONS):
        decorated = option(decorated)
    return decorated


_RECOGNIZER_OPTIONS = (_gazetteer_option, _world_option, _model_option, _operating_point_option, _runtime_option)


def context_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `near`, `countries` and `region`, which say where its messages are about."""
    wrapped: Callable[..., Any] = _near_option(_country_option(_region_option(command)))
    return wrapped


def check_context(
    near: tuple[float, float] | None, countries: Sequence[str], region: tuple[float, float, float, float] | None
) -> None:
    """Raise `click.UsageError` where the values of `context_options` describe no part of the globe."""
    try:
        Context.of(near=near, countries=countries, region=region)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def check_outputs(
    outputs: Mapping[str, Path | None], *, read: Iterable[Path] = (), choice: RecognizerChoice | None = None
) -> None:
    """Raise `OutputError` before long work of what could only be written after it, by the option that names it.

    No file may be asked for twice, be one of those that are `read`, or lie in a folder that `choice` names.
    """
    taken = {os.path.realpath(path): "is read" for path in read}
    for option, path in outputs.items():
        if path is None:
            continue
        if not path.name:
            # As an unset variable of a shell gives it.
            raise OutputError(option, "names no file", "Name a file, new or to be replaced")
        check_writable(path)
        if choice is not None and (folder := choice.folder_around(path)) is not None:
            problem = f"is asked for by {option} and lies in the model or gazetteer {folder}"
            raise OutputError(path, problem, "Name another place")
        if (use := taken.get(os.path.realpath(path))) is not None:
            raise OutputError(path, f"is asked for by {option} and {use}", "Name another file")
        taken[os.path.realpath(path)] = f"is asked for by {option}"
