/* foundation/observe/stamp.c: see stamp.h. */
#include "foundation/observe/stamp.h"

#include <stdio.h>

/* Days since 1970 to year, month, day in the proleptic Gregorian calendar. Years begin in March, so
 * that the leap day is the last of a year, and 400-year eras repeat. */
static void civil(int64_t days, int *year, unsigned *month, unsigned *day)
{
	int64_t era, shifted = days + 719468;
	unsigned day_of_era, year_of_era, day_of_year, march_month;

	era = shifted / 146097;
	day_of_era = (unsigned)(shifted - era * 146097);
	year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	march_month = (5 * day_of_year + 2) / 153;
	*day = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = (int)(era * 400 + year_of_era) + (*month <= 2);
}

void stamp_utc(int64_t real_ms, char out[STAMP_SIZE])
{
	int64_t ms = MAX(real_ms, 0), seconds = ms / 1000;
	unsigned month, day, second_of_day = (unsigned)(seconds % 86400);
	int year;

	civil(seconds / 86400, &year, &month, &day);
	snprintf(out, STAMP_SIZE, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", year % 10000, month, day,
	         second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60,
	         (unsigned)(ms % 1000));
}
