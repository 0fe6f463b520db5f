/* formats/message/received.c: see received.h. */
#include "formats/message/received.h"

#include "formats/message/header.h"

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
