"""The quantities a scenario is written in, as pydantic types: durations, times of day, dates, local times, areas.

Every type turns the text of a file into the plain value the program counts with (minutes, square metres) and refuses a
number without its unit. Errors carry a ``hint`` for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

DAY = 24 * 60
"""Minutes of a day without a change of clocks."""

LONGEST_DAYS = 3 * 366
"""Days of a calendar, or of anything in it."""

YEARS = range(1900, 2200)
"""Years a scenario may speak of: what time zones can compute with, and no typing error."""

_DURATION_PARTS = re.compile(r"(\d{1,7})\s*(d|h|min)")
_DURATION = re.compile(r"\s*(\d{1,7}\s*(d|h|min)\s*)+")
_UNIT_MINUTES = {"d": DAY, "h": 60, "min": 1}
_CLOCK = re.compile(r"(\d{2}):(\d{2})")
_BAND = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_AREA = re.compile(r"(\d{1,9})\s*m2")
_DISTANCE = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*(km|m)")
_SPEED = re.compile(r"(\d{1,3}(?:\.\d)?)\s*km/h")
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})([+-]\d{2}:\d{2})?")


def unusable(message: str, hint: str = "") -> PydanticCustomError:
    """Return the error a validator raises: what is wrong, and what may have been meant."""
    return PydanticCustomError("unusable", "{message}", {"message": message, "hint": hint})


class Band(NamedTuple):
    """A time of day as half-open minutes since midnight; ``end`` passes 1440 where it runs past midnight."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}-{clock(self.end) if self.end <= DAY else clock(self.end - DAY)}"


def clock(minute: int) -> str:
    """Return minutes since midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def duration_text(minutes: int) -> str:
    """Return minutes as a person says them: ``90 min``, ``6 h``, ``1 h 30 min`` where longer than two hours."""
    if minutes < 120 and minutes != 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h" + (f" {rest} min" if rest else "")


def parse_duration(value: Any) -> int:
    """Return the minutes of ``90 min``, ``6 h``, ``1 h 30 min`` or ``2 d``."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        raise unusable(f"{value} has no unit", f"'{value} min' or '{value} h'?")
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise unusable(f"{shown(value)} is not a duration", "'90 min', '6 h' or '1 h 30 min'?")
    minutes = sum(int(number) * _UNIT_MINUTES[unit] for number, unit in _DURATION_PARTS.findall(value))
    if minutes > LONGEST_DAYS * DAY:
        raise unusable(f"{value} is longer than any calendar; {LONGEST_DAYS} d are the most")
    return minutes


def _positive(minutes: int) -> int:
    if minutes < 1:
        raise unusable("this is at least a minute")
    return minutes


def _parse_clock(text: str) -> int:
    match = _CLOCK.fullmatch(text.zfill(5))
    if not match or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > DAY:
        raise unusable(f"{text!r} is not a time of day", "'09:30'? The last minute of a day is written 24:00.")
    return int(match[1]) * 60 + int(match[2])


def _parse_band(value: Any) -> Band:
    if isinstance(value, Band):
        return value
    match = _BAND.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise unusable(f"{shown(value)} is not a span of a day", "'09:00-12:30'?")
    start, end = _parse_clock(match[1]), _parse_clock(match[2])
    if start in (end, DAY):
        raise unusable(f"{value} is an empty span of a day", "'00:00-24:00' for the whole day?")
    return Band(start, end if end > start else end + DAY)


def _parse_date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        with suppress(ValueError):
            found = date.fromisoformat(value)
            if found.year in YEARS:
                return found
            raise unusable(f"{value} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    raise unusable(f"{shown(value)} is not a date", "'2023-10-18'?")


def _parse_local(value: Any, info: ValidationInfo) -> datetime:
    """Return the aware moment of a local time in the zone that the validation context names."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise unusable(f"{value} names no zone")
        return fixed(value)
    match = _LOCAL.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise unusable(f"{shown(value)} is not a date with a time", "'2023-10-18T10:00'?")
    zone = info.context["zone"] if info.context else ZoneInfo("UTC")
    moment = datetime.combine(_parse_date(match[1]), datetime.min.time()) + timedelta(minutes=_parse_clock(match[2]))
    return moment_at(moment, match[3], zone)


def _parse_date_or_local(value: Any, info: ValidationInfo) -> date | datetime:
    return _parse_date(value) if isinstance(value, str) and len(value) <= 10 else _parse_local(value, info)


def moment_at(naive: datetime, offset: str | None, zone: ZoneInfo) -> datetime:
    """Return the moment that a wall clock in ``zone`` shows as ``naive``.

    Raises a validation error where the clock never shows it, or shows it twice and ``offset`` does not say which is meant.
    """
    moments = _shown_as(naive, zone)
    if not moments:
        later = next((hours for hours in range(1, 49) if _shown_as(naive + timedelta(hours=hours), zone)), 0)
        raise unusable(
            f"{naive:%Y-%m-%dT%H:%M} does not exist in {zone.key}: the clocks are put forward over it",
            f"'{(naive + timedelta(hours=later)):%Y-%m-%dT%H:%M}'?",
        )
    if offset:
        for moment in moments:
            if _offset(moment) == offset:
                return moment
        raise unusable(f"{naive:%Y-%m-%dT%H:%M} in {zone.key} is not at {offset}", f"{_offset(moments[0])}?")
    if len(moments) > 1:
        choices = " or ".join(f"'{naive:%Y-%m-%dT%H:%M}{_offset(moment)}'" for moment in moments)
        raise unusable(f"{naive:%Y-%m-%dT%H:%M} comes twice in {zone.key}: the clocks are put back", f"{choices}?")
    return moments[0]


def _shown_as(naive: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments, none to two, at which clocks in ``zone`` show ``naive``."""
    moments = dict.fromkeys(fixed(naive.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return [moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == naive]


def fixed(moment: datetime) -> datetime:
    """Return a moment with its offset instead of its zone.

    Python compares and subtracts moments of one zone by what the clock shows, which is wrong over a change of clocks;
    moments of fixed offsets it compares by the time that passes.
    """
    offset = moment.utcoffset()
    return moment if offset is None else moment.replace(tzinfo=timezone(offset), fold=0)


def _offset(moment: datetime) -> str:
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


def _parse_area(value: Any) -> int:
    match = _AREA.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise unusable(f"{shown(value)} is not an area", "'6400 m2'?")
    return int(match[1])


def _parse_distance(value: Any) -> int:
    """Return the metres of ``3.9 km`` or ``800 m``."""
    match = _DISTANCE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise unusable(f"{shown(value)} is not a distance", "'3.9 km' or '800 m'?")
    metres = round(float(match[1]) * (1000 if match[2] == "km" else 1))
    if metres < 1:
        raise unusable(f"{value} is no distance: a metre is the least")
    return metres


def _parse_speed(value: Any) -> float:
    match = _SPEED.fullmatch(value) if isinstance(value, str) else None
    if not match or float(match[1]) == 0:
        raise unusable(f"{shown(value)} is not a speed", "'60 km/h'?")
    return float(match[1])


def _parse_zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        raise unusable(f"{shown(value)} is not a time zone", "'Asia/Shanghai'?") from None


def shown(value: Any) -> str:
    """Return a value of a file as a message quotes it."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list, tuple)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text if len(text) < 60 else text[:56] + "…"


def _text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _written(how: Callable[[Any], str]) -> PlainSerializer:
    """Write a quantity back as a scenario file would say it."""
    return PlainSerializer(how, return_type=str, when_used="json")


_DURATION_SCHEMA = _text_schema(r"^\s*(\d{1,7}\s*(d|h|min)\s*)+$", "90 min", "6 h", "1 h 30 min")
_LOCAL_SCHEMA = _text_schema(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}([+-]\d{2}:\d{2})?$", "2023-10-18T10:00")
_DATE_OR_LOCAL_SCHEMA = _text_schema(
    r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}([+-]\d{2}:\d{2})?)?$", "2023-10-18", "2023-10-18T10:00"
)
_BAND_SCHEMA = _text_schema(r"^\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}$", "09:00-12:30")
_ZONE_SCHEMA = WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai"]})

_AS_DURATION = _written(duration_text)
_AS_TIME = _written(lambda moment: moment.isoformat(**({"timespec": "minutes"} if isinstance(moment, datetime) else {})))

Minutes = Annotated[int, BeforeValidator(parse_duration), _DURATION_SCHEMA, _AS_DURATION]
Length = Annotated[int, BeforeValidator(parse_duration), AfterValidator(_positive), _DURATION_SCHEMA, _AS_DURATION]
TimeOfDay = Annotated[Band, BeforeValidator(_parse_band), _BAND_SCHEMA, _written(str)]
Date = Annotated[date, BeforeValidator(_parse_date), WithJsonSchema({"type": "string", "format": "date"})]
LocalTime = Annotated[datetime, BeforeValidator(_parse_local), _LOCAL_SCHEMA, _AS_TIME]
DateOrLocalTime = Annotated[date | datetime, PlainValidator(_parse_date_or_local), _DATE_OR_LOCAL_SCHEMA, _AS_TIME]
SquareMetres = Annotated[
    int, BeforeValidator(_parse_area), _text_schema(r"^\d+\s*m2$", "6400 m2"), _written(lambda area: f"{area} m2")
]
Zone = Annotated[ZoneInfo, BeforeValidator(_parse_zone), _ZONE_SCHEMA, _written(lambda zone: zone.key)]
Kilometres = Annotated[
    int,
    BeforeValidator(_parse_distance),
    _text_schema(r"^\d+(\.\d+)?\s*(km|m)$", "3.9 km", "800 m"),
    _written(lambda metres: f"{metres / 1000:.10g} km"),
]
"""A length of road, in metres."""
Speed = Annotated[
    float,
    BeforeValidator(_parse_speed),
    _text_schema(r"^\d+(\.\d)?\s*km/h$", "60 km/h"),
    _written(lambda speed: f"{speed:g} km/h"),
]
"""A speed in km/h."""
TierNumber = Annotated[int, Field(ge=1)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
Count = Annotated[int, Field(ge=0, le=10**9, strict=True)]
"""A whole number of people, seats, sessions or points."""
