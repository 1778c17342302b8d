"""What is known of where a message is about, beside the mention in question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from gazetteer import Place
from gazetteer.countries import country_code
from gazetteer.sphere import in_box

#: Bytes are a sequence of numbers, and a mapping can be indexed, but neither is a position.
_OTHER_THAN_NUMBERS = (str, bytes, bytearray, memoryview, Mapping)
#: The country and the code of the first-level unit within it.
State = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """Where the caller says that messages are about; places elsewhere are less likely, not impossible.

    `near` is a (latitude, longitude) in WGS 84 degrees, `countries` are ISO 3166-1 alpha-2 codes, `region` is a
    bounding box (west, south, east, north) in degrees, as in RFC 7946, section 5: one whose west is greater than its
    east crosses the antimeridian. Callers may give numbers in any sequence, such as an array of numpy's, and codes also
    in small letters, as alpha-3 ("BHS"), "UK" or "EL": what is kept is plain.

    Raises `ValueError` where a number is off the globe or a code is that of no country.
    """

    near: tuple[float, float] | None = None
    countries: tuple[str, ...] = ()
    region: tuple[float, float, float, float] | None = None

    @classmethod
    def of(
        cls,
        *,
        near: tuple[float, float] | None = None,
        countries: Sequence[str] = (),
        region: tuple[float, float, float, float] | None = None,
    ) -> Context:
        """Return the context that a caller describes, `NO_CONTEXT` where it is none."""
        if isinstance(countries, str):
            raise TypeError(f"countries is one text, {countries!r}; give a list of codes, such as ['BS']")
        if near is None and region is None and not countries:
            return NO_CONTEXT
        return cls(near, tuple(countries), region)

    def __post_init__(self) -> None:
        # Of a frozen dataclass, what callers gave can only be made plain in this way.
        object.__setattr__(self, "countries", tuple(map(_alpha_2, self.countries)))
        if self.near is not None:
            latitude, longitude = _numbers(self.near, 2, "near", "Give near=(latitude, longitude)")
            _check(latitude, 90, "the latitude of near", "Give near=(latitude, longitude)")
            _check(longitude, 180, "the longitude of near", "Give near=(latitude, longitude)")
            object.__setattr__(self, "near", (float(latitude), float(longitude)))
        if self.region is not None:
            remedy = "Give region=(west, south, east, north)"
            west, south, east, north = _numbers(self.region, 4, "region", remedy)
            for name, value, limit in (("west", west, 180), ("south", south, 90), ("east", east, 180)):
                _check(value, limit, f"the {name} of region", remedy)
            _check(north, 90, "the north of region", remedy)
            if south > north:
                raise ValueError(f"the south of region, {south:g}, lies north of its north, {north:g}. {remedy}")
            object.__setattr__(self, "region", (float(west), float(south), float(east), float(north)))

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a point lies in the region; everything does where none is given."""
        return self.region is None or in_box((latitude, longitude), self.region)


def _alpha_2(code: Any) -> str:
    """Return the alpha-2 code of a country for what callers gave, who may have given anything. Raises `ValueError`."""
    found = country_code(code) if isinstance(code, str) else ""
    if not found:
        raise ValueError(f"{code!r} is no ISO 3166-1 alpha-2 code, such as 'BS'")
    return found


def _numbers(values: Any, count: int, name: str, remedy: str) -> tuple[float, ...]:
    """Return the numbers that callers gave, who may have given anything. Raises `ValueError`."""
    # An array of numpy's can be indexed, but is no `Sequence`, and one without a dimension no collection at all.
    indexed = hasattr(values, "__getitem__") and not isinstance(values, _OTHER_THAN_NUMBERS)
    try:
        numbers = tuple(values) if indexed else ()
    except TypeError:
        numbers = ()
    # True and False are numbers only to Python.
    if len(numbers) != count or not all(isinstance(each, Real) and not isinstance(each, bool) for each in numbers):
        raise ValueError(f"{name} is {values!r}, not {count} numbers. {remedy}")
    return numbers


def _check(value: float, limit: float, name: str, remedy: str) -> None:
    # As NaN, which compares with nothing, does not; abs() of numpy's int8 -128 is -128.
    if not -limit <= value <= limit:
        raise ValueError(f"{name} is {value!r}, which must be between -{limit:g} and {limit:g} degrees. {remedy}")


@dataclass(frozen=True, slots=True)
class EventShares:
    """Which share of the mentions of messages that belong together lies in each country and first-level unit.

    `names` are the shares of the names themselves, in lower case, and `places` those that are named most often: some
    countries and some smaller ones.
    """

    countries: Mapping[str, float] = field(default_factory=dict)
    states: Mapping[State, float] = field(default_factory=dict)
    names: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


#: Nothing is known of other messages.
NO_EVENT = EventShares()
NO_CONTEXT = Context()
