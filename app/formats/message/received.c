/* formats/message/received.c: see received.h. */
#include "formats/message/received.h"

#include "formats/message/header.h"
#include "foundation/text/date.h"

size_t received_count(struct str header)
{
	return header_count(header, STR("Received"));
}

bool received_delivered_to(struct str header, struct str address)
{
	struct cur c = cur_of(header);
	struct header_field field;

	while (header_next(&c, &field)) {
		struct str value = field.value;

		if (!str_eqi(field.name, STR("Delivered-To")))
			continue;
		if (str_starts(value, STR("<")) && str_ends(value, STR(">")))
			value = str_sub(value, 1, value.n - 1);
		if (str_eqi(value, address))
			return true;
	}
	return false;
}

bool received_time(struct str header, int64_t *time_ms)
{
	struct cur c = cur_of(header);
	struct header_field field;
	struct date date;
	ptrdiff_t semicolon;

	do {
		if (!header_next(&c, &field))
			return false;
	} while (!str_eqi(field.name, STR("Received")));
	semicolon = str_rfind_byte(field.value, ';');
	if (semicolon < 0 ||
	    !date_parse_mail(str_sub(field.value, (size_t)semicolon + 1, field.value.n), &date))
		return false;
	*time_ms = date.time_ms;
	return true;
}
