"""Date and time as a server tells them: DATETIME (RFC 5456, section 8.6.28), and what it is by now.

A `date30` is DATETIME with its year counted from 2020 in 5 bits, so that it is a small integer everywhere:
year month day hour minute, second / 2, in 5 4 5 5 6 5 bits. The RFC wants UTC, Asterisk sends local time:
what is told here is the server's own clock, as good as that and no better.
"""

from micropython import const

_DAY_S = const(86400)
_FOUR_YEARS = const(1461)  # days from one 1 March after a leap day to the next such
_MARCH = const(60)  # days from 1 January 2020 to 1 March 2020
_OLDEST = const(40)  # the first octet of a DATETIME is the year less 2000, doubled, and a bit of the month


def read(buf: bytes, at: int) -> int:
    """Return the date30 of the four octets at `at`, -1 if they are no date of the years 2020 … 2051."""
    if not _OLDEST <= buf[at] < _OLDEST + 64:
        return -1
    date30 = buf[at] - _OLDEST << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]
    return date30 if seconds(date30) >= 0 else -1


def seconds(date30: int) -> int:
    """Return the seconds from the beginning of 2020 to `date30`, -1 if it is no date of the calendar."""
    year, month, day = date30 >> 25, date30 >> 21 & 15, date30 >> 16 & 31
    hour, minute, half = date30 >> 11 & 31, date30 >> 5 & 63, date30 & 31
    last = 30 + (month + (month >> 3) & 1)
    if month == 2:
        last = 28 if year & 3 else 29
    if not 1 <= month <= 12 or not 1 <= day <= last or hour > 23 or minute > 59 or half > 29:
        return -1
    if month < 3:  # the year is reckoned from March, so that a leap day is its last
        year -= 1
        month += 12
    days = year * 365 + year // 4 + (153 * month - 457) // 5 + day - 1 + _MARCH
    return days * _DAY_S + hour * 3600 + minute * 60 + half * 2


def of(second: int) -> int:
    """Return the date30 that is `second` seconds after the beginning of 2020, -1 beyond the year 2051."""
    days = second // _DAY_S - _MARCH
    year, rest = days // _FOUR_YEARS * 4, days % _FOUR_YEARS
    whole = min(rest // 365, 3)
    year += whole
    rest -= whole * 365
    month = (5 * rest + 2) // 153
    day = rest - (153 * month + 2) // 5 + 1
    month += 3
    if month > 12:
        year += 1
        month -= 12
    if year > 31:
        return -1
    second %= _DAY_S
    return (
        year << 25
        | month << 21
        | day << 16
        | second // 3600 << 11
        | second // 60 % 60 << 5
        | second % 60 // 2
    )


def text(date30: int) -> str:
    """Return "2026-11-22 21:51:26"."""
    return "%d-%02d-%02d %02d:%02d:%02d" % (
        2020 + (date30 >> 25),
        date30 >> 21 & 15,
        date30 >> 16 & 31,
        date30 >> 11 & 31,
        date30 >> 5 & 63,
        (date30 & 31) * 2,
    )
