"""The columns of a table of requests: what each is called, in English and in Chinese, and what it holds."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from scheduler.errors import nearest


class Column(NamedTuple):
    """A column: its English and Chinese headings, what its cells say, and other headings it goes by."""

    heading: str
    chinese: str
    says: str
    others: tuple[str, ...] = ()


COLUMNS = (
    Column("event", "活动", "id or name of the event (required)", ("event id", "活动编号")),
    Column("event name (en)", "活动英文名称", "its name in English", ("event name", "活动名称 (英文)")),
    Column("event name (zh)", "活动中文名称", "its name in Chinese", ("活动名称", "活动名称 (中文)")),
    Column("session", "场次", "id or name of the session (required, or a name)", ("session id", "场次编号", "环节")),
    Column("name (en)", "英文名称", "its name in English", ("name", "session name", "session name (en)", "名称 (英文)")),
    Column("name (zh)", "中文名称", "its name in Chinese", ("session name (zh)", "场次名称", "名称", "名称 (中文)")),
    Column("date", "日期", "the day (required, or 'from' and 'to')", ("day",)),
    Column("from", "起始日期", "the first of several days", ("from date", "first day", "开始日期")),
    Column("to", "截止日期", "the last of them, included", ("to date", "last day", "结束日期")),
    Column("time from", "最早开始", "not before this time of day", ("earliest start",)),
    Column("time to", "最晚结束", "not after this time of day", ("latest end",)),
    Column("preferred start", "首选开始时间", "the wished start, with its date where there are several", ("首选时间",)),
    Column("duration", "时长", "90 min, 6 h, 1 h 30 min, or a length of time of Excel (required)"),
    Column("attendance", "人数", "how many people"),
    Column("layout", "布局", "theatre, banquet, hollow-square …", ("摆台",)),
    Column("grade", "等级", "G1, G2 or G3; where empty, the highest of the event", ("security grade", "安保等级")),
    Column("halls", "会场", "where it may be: ghop.*, diaoyutai.fangfei", ("hall", "厅室", "场地")),
    Column("preferred halls", "首选会场", "where it would best be, the best first", ("preferred hall", "preferred venues")),
    Column("needs", "需求", "features of the hall: interpretation", ("features", "设施需求")),
    Column("delegations", "代表团", "ids; BR, in capitals, is the country if no file has it", ("delegation",)),
    Column("persons", "出席人员", "president, host.premier, BR.president", ("person", "出席人")),
    Column("move-in", "搭建时长", "the time the hall is set up before it, as a duration"),
    Column("move-out", "撤场时长", "and is cleared after it"),
    Column("optional price", "取消代价", "it may be left out, at this price in points", ("price",)),
    Column("note", "备注", "a remark", ("notes", "remark", "remarks")),
    Column("source", "来源", "where this is from; several are parted by semicolons", ("sources",)),
)


def _plain(heading: str) -> str:
    """Return a heading without what makes no difference: width, case, hyphens, blanks, marks of required columns."""
    text = unicodedata.normalize("NFKC", heading).casefold().replace("（", "(").replace("）", ")")
    text = re.sub(r"[\s_-]+", " ", text)
    return re.sub(r" ?\( ?(.*?) ?\)", r" (\1)", text).strip(" :*")


_BY_HEADING = {
    _plain(word): column.heading for column in COLUMNS for word in (column.heading, column.chinese, *column.others)
}


def column_of(heading: str) -> str | None:
    """Return the column that a heading stands for, under its English name; None where there is no such column."""
    return _BY_HEADING.get(_plain(heading))


def nearest_column(heading: str) -> str:
    """Return the heading that was probably meant, quoted for a hint, or what to do with a column that is none of ours."""
    return nearest(_plain(heading), _BY_HEADING) or "put it into 'note', or take the column out."


def told() -> str:
    """Return the columns as lines of two headings and what they hold, for the help of the command."""
    wide = max(len(column.heading) for column in COLUMNS) + 2
    return "\n".join(
        f"{column.heading:<{wide}}{column.chinese}{' ' * (14 - 2 * len(column.chinese))}{column.says}" for column in COLUMNS
    )
