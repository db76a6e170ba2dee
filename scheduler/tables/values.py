"""Values of cells as a scenario file would say them: ``2023-10-18`` for a date of Excel, ``90 min`` for ``90分钟``.

What differs in its form only is put right: full-width digits, dates with the year first, units in Chinese. What cannot be
read is handed on as it is, for the scenario language to refuse in its own words, with what was probably meant.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from contextlib import suppress
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from scheduler.scenario.units import DAY, YEARS, clock, duration_text, parse_duration
from scheduler.tables.grid import Value

_EXCEL_EPOCH = dt.date(1899, 12, 30)
_EXCEL_ZERO = dt.datetime.combine(dt.date(1899, 12, 31), dt.time())
"""From where lengths of a day and more count that are formatted as times of day: 24:00 is the next midnight."""

_SEPARATORS = re.compile(r"[,;、\n]")
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?(?: 0?0:00(?::00)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[- ]?([a-z]{3,9})\.?(?:[-, ]+(\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?(?:[-, ]+(\d{4}))?")
_CHINESE_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_CLOCK_WITH_DATE = re.compile(r"(.+?)(?:T| +)(\d{1,2}:\d{2})(?::00)?")
_LOOSE_CLOCK = re.compile(r"(上午|下午)?(\d{1,2})(?:[.:h点时]?(\d{2})?)分? ?(am|pm|a\.m\.|p\.m\.)?")

_UNITS = (("小时", "h"), ("分钟", "min"), ("分", "min"), ("天", "d"))
_LONG_UNITS = re.compile(r"(\d) ?(hours?|hrs?|minutes?|mins?|days?|m)\b")
_SPAN_OF_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::00)?")


class Read(NamedTuple):
    """A value in the words of a scenario file; ``hint`` is what was probably meant where it cannot be read."""

    value: str | int | float
    hint: str = ""


class Clock(NamedTuple):
    """A time of day as a scenario file writes it; where it is none, ``hint`` says what was probably meant."""

    text: str
    hint: str = ""


def text_of(value: Value) -> str:
    """Return a value as a text on one line; dates and times as a scenario file writes them."""
    if isinstance(value, dt.datetime):
        return f"{value.date().isoformat()}T{value:%H:%M}" if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return f"{value:%H:%M:%S}".removesuffix(":00")
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def plain_of(value: Value) -> str:
    """Return the text of a value with digits, letters and punctuation of their usual width."""
    return unicodedata.normalize("NFKC", text_of(value)).strip()


def listed(value: Value) -> list[str]:
    """Return the words of a list parted by commas, semicolons or lines."""
    text = unicodedata.normalize("NFKC", value if isinstance(value, str) else text_of(value))
    return [word.strip() for word in _SEPARATORS.split(text) if word.strip()]


def worded(text: str) -> str:
    """Return a word of the scenario language as it is written there: ``Hollow square`` is ``hollow-square``."""
    return re.sub(r"\s+", "-", text.lower())


def read_count(value: Value) -> Read:
    """Read a whole number, also one that is stored as a text."""
    if isinstance(value, float) and not value.is_integer():
        return Read(value)
    text = plain_of(value)
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        text = text.replace(",", "")
    return Read(int(text)) if re.fullmatch(r"-?[0-9]{1,18}", text) else Read(text)


def read_duration(value: Value) -> Read:
    """Read a duration, also a length of time as Excel keeps it; a number alone has no unit."""
    seconds = _seconds_of(value)
    if seconds is not None:
        return Read(text_of(value), "whole minutes?") if seconds % 60 else Read(duration_text(seconds // 60))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Read(int(value) if value == int(value) else value)
    text = plain_of(value).lower()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return Read(int(text))
    for word, unit in _UNITS:
        text = text.replace(word, f" {unit} ")
    with suppress(PydanticCustomError):
        return Read(duration_text(parse_duration(text)))
    return Read(plain_of(value), _duration_hint(text))


def _duration_hint(text: str) -> str:
    if (span := _SPAN_OF_CLOCK.fullmatch(text)) is not None:
        return f"'{duration_text(int(span[1]) * 60 + int(span[2]))}'?"
    short = _LONG_UNITS.sub(lambda found: f"{found[1]} {'min' if found[2][0] == 'm' else found[2][0]}", text)
    with suppress(PydanticCustomError):
        return f"'{duration_text(parse_duration(re.sub(',|and', ' ', short)))}'?"
    return ""


def _seconds_of(value: Value) -> int | None:
    """Return the seconds of a time or a length of time of Excel; None where the value is neither."""
    if isinstance(value, dt.time):
        return round(value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6)
    if isinstance(value, dt.datetime) and value.year <= _EXCEL_ZERO.year + 1:
        value -= _EXCEL_ZERO
    return round(value.total_seconds()) if isinstance(value, dt.timedelta) else None


def read_clock(value: Value) -> Clock:
    """Return a time of day as ``09:30`` and no hint, or what stands there and what was probably meant."""
    if isinstance(value, float) and 0 <= value < 1:  # a time that is shown as a number
        value = dt.timedelta(seconds=round(value * 86_400))
    seconds = _seconds_of(value)
    if seconds is not None and seconds % 60 == 0 and 0 <= seconds <= DAY * 60:
        return Clock(clock(seconds // 60))
    text = plain_of(value)
    match = _CLOCK.fullmatch(text)
    if match and int(match[2]) < 60 and int(match[1]) * 60 + int(match[2]) <= DAY:
        return Clock(f"{int(match[1]):02d}:{match[2]}")
    return Clock(text, _clock_hint(text.lower()))


def _clock_hint(text: str) -> str:
    usual = "'09:30'? The last minute of a day is written 24:00."
    if (dated := _CLOCK_WITH_DATE.fullmatch(text.upper())) is not None and not read_clock(dated[2]).hint:
        return f"'{read_clock(dated[2]).text}'?"
    match = _LOOSE_CLOCK.fullmatch(text)
    if match is None or not (match[1] or match[4] or not text.isdigit() or len(text) == 4):
        return usual
    hour, minute = int(match[2]), int(match[3] or 0)
    if match[1] == "下午" or (match[4] or "").startswith("p"):
        hour += 12 if hour < 12 else 0
    elif (match[4] or "").startswith("a") and hour == 12:
        hour = 0
    return f"'{clock(hour * 60 + minute)}'?" if hour < 24 and minute < 60 else usual


def read_date(value: Value, year: int | None) -> Read:
    """Read a day; ``year`` is what a date without one probably belongs to."""
    if isinstance(value, dt.datetime):
        return Read(text_of(value), "" if value.time() == dt.time() else f"'{value.date().isoformat()}'?")
    if isinstance(value, dt.date):
        return Read(value.isoformat())
    text = plain_of(value)
    match = _YEAR_FIRST.fullmatch(text)
    if match is not None and (day := _day(*match.groups())):
        return Read(day.isoformat())
    days = dict.fromkeys(day.isoformat() for day in _meant(text, year) if day is not None)
    return Read(value if isinstance(value, int) else text, " or ".join(f"'{day}'" for day in days) + "?" if days else "")


def _meant(text: str, year: int | None) -> list[dt.date | None]:
    """Return the days that a text may mean which is no date of the scenario language."""
    if (match := _CLOCK_WITH_DATE.fullmatch(text)) is not None and (dated := _YEAR_FIRST.fullmatch(match[1])):
        return [_day(*dated.groups())]
    text = text.lower()
    if (match := _YEAR_LAST.fullmatch(text)) is not None:
        return [_day(match[3], match[2], match[1]), _day(match[3], match[1], match[2])]
    if (match := _DAY_MONTH.fullmatch(text)) is not None:
        return [_day(match[3] or year, _month(match[2]), match[1])]
    if (match := _MONTH_DAY.fullmatch(text)) is not None:
        return [_day(match[3] or year, _month(match[1]), match[2])]
    if (match := _CHINESE_DAY.fullmatch(text)) is not None:
        return [_day(year, match[1], match[2])]
    if text.isdecimal() and len(text) == 8:
        return [_day(text[:4], text[4:6], text[6:])]
    if text.isdecimal() and len(text) == 5:  # how Excel counts days, where a cell is not formatted as a date
        return [_EXCEL_EPOCH + dt.timedelta(days=int(text))]
    return []


def _month(word: str) -> int:
    return _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0


def _day(year: str | int | None, month: str | int, day: str | int) -> dt.date | None:
    with suppress(ValueError):
        found = dt.date(int(year or 0), int(month), int(day))
        return found if found.year in YEARS else None
    return None


def read_moment(value: Value, year: int | None) -> Read:
    """Read a day, or a time of a day with its date."""
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return Read(text_of(value))
    text = plain_of(value)
    match = _CLOCK_WITH_DATE.fullmatch(text) if not _YEAR_FIRST.fullmatch(text) else None
    if match is not None and (dated := _YEAR_FIRST.fullmatch(match[1])) and (day := _day(*dated.groups())):
        time, hint = read_clock(match[2])
        return Read(f"{day.isoformat()}T{time}", hint)
    return read_date(value, year)
