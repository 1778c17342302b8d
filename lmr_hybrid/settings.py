"""Tables of settings, as TOML files hold them: read into frozen dataclasses and written again.

A setting's type and limits stand at the dataclass's field: `epochs: Annotated[int, Limits(minimum=1)] = 3`. What a
table says otherwise is refused by name: the file, the setting, what is wrong and what is allowed.
"""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lmr_hybrid.errors import SettingsError

Settings = TypeVar("Settings")
#: Names less alike than this (of 100) are not taken for slips of each other.
_ALIKE = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the greatest value of a number, both allowed, and a line that says what the setting does."""

    minimum: float = -math.inf
    maximum: float = math.inf
    help: str = ""

    def __str__(self) -> str:
        if self.maximum == math.inf:
            return f"{self.minimum:g} or more"
        return f"between {self.minimum:g} and {self.maximum:g}"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file. Raises `SettingsError` where it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(path, f"cannot be read ({error.strerror})", "Give the path of a TOML file") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(path, f"is not TOML ({error})", "Correct it; toml.io describes the format") from None


def read_settings(
    kind: type[Settings], table: object, *, source: object, section: str, limits: Limits | None = None
) -> Settings:
    """Make `kind`, a dataclass, of a table; what the table does not say has the field's default.

    `source` and `section` name the table in errors; `limits` hold for numbers whose field names none. Raises
    `SettingsError` for a setting that `kind` has not, that lacks, or whose value is of another type or out of range.
    """
    if not isinstance(table, Mapping):
        raise SettingsError(source, f"[{section}] is not a table", f"Write [{section}] on a line of its own")
    hints = get_type_hints(kind, include_extras=True)
    known = [field.name for field in fields(kind) if field.init]  # type: ignore[arg-type]
    for name in table:
        refuse_unknown(name, known, source=source, section=section)
    values = {
        name: _value(hints[name], value, source=source, section=section, name=name, limits=limits)
        for name, value in table.items()
    }
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise SettingsError(source, f"[{section}] lacks {field.name}", f"Add it: {field.name} = ...")
    return kind(**values)


def refuse_unknown(name: str, known: Iterable[str], *, source: object, section: str) -> None:
    """Raise `SettingsError` where `name` is none of the known settings, with those most like it."""
    from rapidfuzz import fuzz, process

    known = list(known)
    if name in known:
        return
    where = f"[{section}]" if section else "the file"
    alike = [found for found, _, _ in process.extract(name, known, scorer=fuzz.WRatio, limit=2, score_cutoff=_ALIKE)]
    meant = f"Did you mean {' or '.join(alike)}? " if alike else ""
    raise SettingsError(source, f"{where} has no setting {name!r}", f"{meant}There are: {', '.join(known)}")


def _value(hint: Any, value: object, *, source: object, section: str, name: str, limits: Limits | None) -> Any:
    """Return the value as the field wants it, or raise."""
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        limits = next((note for note in notes if isinstance(note, Limits)), limits)
    # A table of its own: a setting of several settings.
    if is_dataclass(hint) and isinstance(hint, type):
        return read_settings(hint, value, source=source, section=f"{section}.{name}", limits=limits)
    expected = _expected(hint, limits)
    for option in _options(hint):
        found = _as(option, value, limits)
        if found is not None:
            return found
    raise SettingsError(source, f"[{section}] {name} = {_toml(value)}", f"{name} must be {expected}")


def _options(hint: Any) -> list[Any]:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return [option for option in options if option is not NoneType]


def _as(option: Any, value: object, limits: Limits | None) -> Any:
    """Return `value` as a value of the type `option`, or None where it is none."""
    if get_origin(option) is Literal:
        return value if value in get_args(option) else None
    if get_origin(option) is tuple:
        listed = [value] if isinstance(value, str) else value
        texts = isinstance(listed, list | tuple) and all(isinstance(each, str) for each in listed)
        return tuple(listed) if texts else None  # type: ignore[arg-type]
    if option in (int, float):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        if option is int and not isinstance(value, int):
            return None
        inside = limits is None or limits.minimum <= value <= limits.maximum
        # Not `isfinite`, which fails where a whole number is larger than any floating one.
        return option(value) if inside and abs(value) <= sys.float_info.max else None
    return value if isinstance(value, option) else None


def _expected(hint: Any, limits: Limits | None) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    named = []
    for option in _options(hint):
        if get_origin(option) is Literal:
            named.append(f"one of {', '.join(get_args(option))}")
        elif get_origin(option) is tuple:
            named.append("a list of texts")
        else:
            ranged = f", {limits}" if limits and option in (int, float) else ""
            named.append(words.get(option, option.__name__) + ranged)
    return " or ".join(named)


def toml_text(sections: Mapping[str, Mapping[str, Any] | Any]) -> str:
    """Write settings as TOML: plain values first, then a table for each mapping or dataclass; None is left out."""
    plain = {name: value for name, value in sections.items() if not _is_table(value)}
    lines = [f"{_key(name)} = {_toml(value)}" for name, value in plain.items() if value is not None]
    text = "".join(f"{line}\n" for line in lines)
    return text + "".join(_section(_key(name), value) for name, value in sections.items() if _is_table(value))


def _section(name: str, value: Any) -> str:
    table = asdict(value) if is_dataclass(value) and not isinstance(value, type) else dict(value)
    inner = {f"{name}.{_key(key)}": each for key, each in table.items() if _is_table(each)}
    outer = {key: each for key, each in table.items() if not _is_table(each)}
    return f"\n[{name}]\n{toml_text(outer)}" + "".join(_section(key, each) for key, each in inner.items())


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type))


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _toml(name)


def _toml(value: object) -> str:
    """Write a value as TOML does; JSON's strings are TOML's, but for the delete character."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
