"""Where the rules draw their lines, and how a model keeps its own lines in its `config.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from lmr_hybrid.errors import ModelCorrupt, SettingsError
from lmr_hybrid.settings import Limits, read_settings
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, read_object

_SECTION = "thresholds"
#: Not kept with the model: it belongs to the operating point.
_PASSING = "outside_bias"
_REMEDY = "Correct it, or copy the model folder again"
_Share = Annotated[float, Limits(0, 1)]
_Zipf = Annotated[float, Limits(0, 9)]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The lines of the rules.

    They were chosen on IDRISI dev and half of the messages of events never seen; where those are flat, what other
    annotators' corpora prefer.

    `known`, `unknown`, `unknown_hashtag`, `known_sure`, `demonym` and `misspelt` are the scores under which a mention
    is dropped: one that a gazetteer knows, one that none knows, a hashtag that none knows, one that it knows under a
    name rare in English or as an important place, one that it knows as a demonym alone, and one that is a name but for
    a slip. `alike` is how like that name it must be, 0 to 100, see `Gazetteer.fuzzy`. `rare` is the highest Zipf
    frequency of a rare name, `important` the least importance of such a place. One that the tagger left out is added
    where the probability of a location is at least `likely` and, unless its name is rare, the Zipf frequency of that at
    most `common`. `outside_bias`, 0 or less, is what the tagger's log-probability of no place is lowered by to look for
    mentions that it passed over; 0 looks for none.
    """

    known: _Share = 0.5
    unknown: _Share = 0.75
    unknown_hashtag: _Share = 0.9
    known_sure: _Share = 0.2
    demonym: _Share = 0.95
    misspelt: _Share = 0.5
    alike: Annotated[float, Limits(0, 100)] = 93.0
    rare: _Zipf = 2.5
    important: _Share = 0.6
    likely: _Share = 0.35
    common: _Zipf = 4.5
    outside_bias: Annotated[float, Limits(maximum=0)] = 0.0


def read_thresholds(folder: str | Path) -> Thresholds:
    """Return the thresholds in a model's `config.json`; what it does not name has its default.

    Opening the tagger has checked the rest of the file. Raises `ModelCorrupt`.
    """
    path = Path(folder) / CONFIG_FILE
    table = read_object(path).get(_SECTION, {})
    try:
        return read_settings(Thresholds, table, source=path, section=_SECTION)
    except SettingsError as error:
        raise ModelCorrupt(path, f"holds thresholds that cannot be used ({error.problem})", _REMEDY) from None


def write_thresholds(folder: str | Path, thresholds: Thresholds) -> None:
    """Put thresholds into a model's `config.json`, all but the bias, which an operating point sets.

    Raises `ModelCorrupt` where there is no configuration, or `lmr_hybrid.errors.OutputError`.
    """
    # The package of output brings page templates along, which recognition does without.
    from lmr_hybrid.output.atomic import write_text_atomically

    path = Path(folder) / CONFIG_FILE
    config = read_object(path)
    kept = {name: value for name, value in asdict(thresholds).items() if name != _PASSING}
    # The files and their checksums, the longest part, stay last.
    files = {"files": config.pop("files")} if "files" in config else {}
    write_text_atomically(path, json.dumps({**config, _SECTION: kept, **files}, indent=2) + "\n")
