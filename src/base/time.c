/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <string.h>
#include <time.h>

#include "base/text.h"

enum { DAYS_TO_1970 = 719528 };

int64_t time_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t time_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap_year(year));
}

/* Days from 0000-01-01 to the first of January of `year`. */
static int64_t days_before_year(int year)
{
	/* year 0 is a leap year of the proleptic calendar */
	int last = year - 1;

	if (year <= 0)
		return 0;
	return 365 * (int64_t)year + last / 4 - last / 100 + last / 400 + 1;
}

bool time_from_civil(int year, int month, int day, int hour, int min, int sec,
		     int64_t *out)
{
	int64_t days;
	int m;

	if (year < 0 || year > 9999 || month < 1 || month > 12)
		return false;
	if (day < 1 || day > month_days(year, month))
		return false;
	/* RFC 3339 has a second 60; it is the next one's first */
	if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 60)
		return false;
	days = days_before_year(year) + day - 1 - DAYS_TO_1970;
	for (m = 1; m < month; m++)
		days += month_days(year, m);
	*out = days * TIME_DAY + hour * 3600 + min * 60 + sec;
	return true;
}

/* printf(3) would take most of the time that it takes to post a record. */
static void put_number(char *out, int digits, int n)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + n % 10);
		n /= 10;
	}
}

void time_format(int64_t ms, char out[TIME_RFC3339_SIZE])
{
	static const char form[] = "0000-00-00T00:00:00.000Z";
	const int64_t least = -DAYS_TO_1970 * TIME_DAY * 1000;
	const int64_t most = 253402300799999; /* 9999-12-31T23:59:59.999Z */
	int year, month = 1, sec, day;
	int64_t since, days;

	memcpy(out, form, sizeof(form));
	ms = ms < least ? least : ms > most ? most : ms;
	since = ms - least;
	days = since / 1000 / TIME_DAY;
	sec = (int)(since / 1000 % TIME_DAY);
	year = (int)(days / 366);
	while (days_before_year(year + 1) <= days)
		year++;
	day = (int)(days - days_before_year(year));
	while (day >= month_days(year, month))
		day -= month_days(year, month++);
	put_number(out, 4, year);
	put_number(out + 5, 2, month);
	put_number(out + 8, 2, day + 1);
	put_number(out + 11, 2, sec / 3600);
	put_number(out + 14, 2, sec / 60 % 60);
	put_number(out + 17, 2, sec % 60);
	put_number(out + 20, 3, (int)(since % 1000));
}

/* Exactly `digits` digits. */
static bool take_number(struct cursor *c, size_t digits, int *out)
{
	*out = 0;
	if (cursor_left(c) < digits)
		return false;
	for (; digits; digits--, c->p++) {
		if (!ascii_digit(*c->p))
			return false;
		*out = *out * 10 + (*c->p - '0');
	}
	return true;
}

/* `.` and digits, of which the first three count; or nothing. */
static bool take_fraction(struct cursor *c, int *ms)
{
	int unit = 100;

	*ms = 0;
	if (!cursor_literal(c, "."))
		return true;
	if (!cursor_left(c) || !ascii_digit(*c->p))
		return false;
	for (; cursor_left(c) && ascii_digit(*c->p); c->p++, unit /= 10)
		*ms += (*c->p - '0') * unit;
	return true;
}

static bool take_offset(struct cursor *c, int *seconds)
{
	int hour, min, sign = 1;

	*seconds = 0;
	if (cursor_literal(c, "Z") || cursor_literal(c, "z"))
		return true;
	if (cursor_literal(c, "-"))
		sign = -1;
	else if (!cursor_literal(c, "+"))
		return false;
	if (!take_number(c, 2, &hour) || !cursor_literal(c, ":") ||
	    !take_number(c, 2, &min) || hour > 23 || min > 59)
		return false;
	*seconds = sign * (hour * 3600 + min * 60);
	return true;
}

bool time_parse(struct span s, int64_t *ms)
{
	struct cursor c = cursor_of(s.p, s.n);
	int year, month, day, hour, min, sec, fraction, offset;
	int64_t t;

	if (!take_number(&c, 4, &year) || !cursor_literal(&c, "-") ||
	    !take_number(&c, 2, &month) || !cursor_literal(&c, "-") ||
	    !take_number(&c, 2, &day))
		return false;
	if (!cursor_left(&c)) {
		if (!time_from_civil(year, month, day, 23, 59, 59, &t))
			return false;
		*ms = t * 1000 + 999;
		return true;
	}
	if (!cursor_literal(&c, "T") && !cursor_literal(&c, "t"))
		return false;
	if (!take_number(&c, 2, &hour) || !cursor_literal(&c, ":") ||
	    !take_number(&c, 2, &min) || !cursor_literal(&c, ":") ||
	    !take_number(&c, 2, &sec) || !take_fraction(&c, &fraction) ||
	    !take_offset(&c, &offset) || cursor_left(&c))
		return false;
	if (!time_from_civil(year, month, day, hour, min, sec, &t))
		return false;
	*ms = (t - offset) * 1000 + fraction;
	return true;
}

bool time_parse_duration(struct span s, int64_t *seconds)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {
		{'s', 1},	 {'m', 60},	      {'h', 3600},
		{'d', TIME_DAY}, {'w', 7 * TIME_DAY}, {'y', 365 * TIME_DAY}};
	uint64_t v;
	size_t i;

	if (s.n < 2)
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t most;

		if (units[i].letter != s.p[s.n - 1])
			continue;
		most = (uint64_t)(INT64_MAX / 1000 / units[i].seconds);
		if (!text_to_u64(span_of(s.p, s.n - 1), most, &v))
			return false;
		*seconds = (int64_t)v * units[i].seconds;
		return true;
	}
	return false;
}
