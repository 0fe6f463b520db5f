/* protocols/jmap/types/header_value.c: see header_value.h. */
#include "protocols/jmap/types/header_value.h"

#include "formats/message/encword.h"
#include "formats/message/header.h"
#include "formats/message/msgid.h"
#include "foundation/text/charset.h"
#include "foundation/text/date.h"
#include "foundation/text/fold.h"

#include <stdlib.h>

/* "any NUL octet MUST be dropped" (RFC 8621 4.1.2.1); value itself, or a copy in a. */
static struct str nul_dropped(struct arena *a, struct str value)
{
	char *kept;
	size_t n = 0;

	if (str_find_byte(value, '\0') < 0)
		return value;
	kept = arena_array(a, char, value.n);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\0')
			kept[n++] = value.p[i];
	return (struct str){ kept, n };
}

/* Unfolded and decoded text in NFC; in a. */
static struct str decoded(struct arena *a, struct str value)
{
	value = nul_dropped(a, value);
	return fold_nfc(a, encword_text(a, value, value.n * CHARSET_GROWTH + 1));
}

/* The name of an address or group; null for an empty one. */
static void display_name_put(struct json_writer *w, struct str name)
{
	struct arena a = { 0 };

	name = str_trim(decoded(&a, name));
	if (name.n != 0)
		json_put_str(w, "name", name);
	else
		json_put_null(w, "name");
	arena_deinit(&a);
}

/* --- Raw and text (RFC 8621 4.1.2.1, 4.1.2.2) --- */

/* From the colon to the line end. */
static void header_raw_put(struct json_writer *w, const char *name,
                           const struct header_field *field)
{
	ptrdiff_t colon = str_find_byte(field->raw, ':');
	struct str value = str_sub(field->raw, colon < 0 ? 0 : (size_t)colon + 1, field->raw.n);
	struct arena a = { 0 };

	if (str_ends(value, STR("\n")))
		value.n--;
	if (str_ends(value, STR("\r")))
		value.n--;
	json_put_str(w, name, nul_dropped(&a, value));
	arena_deinit(&a);
}

void header_text_put(struct json_writer *w, struct str value)
{
	struct arena a = { 0 };

	json_put_str(w, NULL, decoded(&a, value));
	arena_deinit(&a);
}

/* --- Addresses (4.1.2.3, 4.1.2.4) --- */

static void address_json_put(struct json_writer *w, const struct address *item)
{
	char room[1024];
	struct buf spec;

	json_open(w, NULL, '{');
	display_name_put(w, item->name);
	buf_init(&spec, 2 * (item->local.n + item->domain.n) + 8);
	if (spec.max <= sizeof room)
		buf_init_in(&spec, room, sizeof room);
	if (item->domain.n != 0)
		address_put_spec(&spec, item);
	else
		buf_put(&spec, item->local);
	json_put_str(w, "email", buf_str(&spec));
	if (spec.p != room)
		buf_deinit(&spec);
	json_close(w);
}

void header_addresses_put(struct json_writer *w, const struct address_list *list)
{
	if (list->n == 0) {
		json_put_null(w, NULL);
		return;
	}
	json_open(w, NULL, '[');
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == ADDRESS_MAILBOX)
			address_json_put(w, &list->items[i]);
	json_close(w);
}

static void group_open(struct json_writer *w, struct str name)
{
	json_open(w, NULL, '{');
	display_name_put(w, name);
	json_open(w, "addresses", '[');
}

static void group_close(struct json_writer *w)
{
	json_close(w);
	json_close(w);
}

/* "consecutive mailbox values that are not part of a group are still collected under an
 * EmailAddressGroup object", without name. */
static void groups_put(struct json_writer *w, const struct address_list *list)
{
	bool named = false, open = false;

	json_open(w, NULL, '[');
	for (size_t i = 0; i < list->n; i++) {
		const struct address *item = &list->items[i];

		if (open && (item->kind == ADDRESS_GROUP_END ||
		             (item->kind == ADDRESS_GROUP_BEGIN && !named))) {
			group_close(w);
			open = named = false;
		}
		if (item->kind == ADDRESS_GROUP_END)
			continue;
		if (!open) {
			named = item->kind == ADDRESS_GROUP_BEGIN;
			group_open(w, named ? item->name : STR_EMPTY);
			open = true;
		}
		if (item->kind == ADDRESS_MAILBOX)
			address_json_put(w, item);
	}
	if (open)
		group_close(w);
	json_close(w);
}

static void address_field_put(struct json_writer *w, struct str value, bool grouped)
{
	struct arena a = { 0 };
	struct address_list list;

	address_list_parse(&a, value, HEADER_VALUE_ADDRESSES, &list);
	if (grouped) {
		groups_put(w, &list);
	} else {
		json_open(w, NULL, '[');
		for (size_t i = 0; i < list.n; i++)
			if (list.items[i].kind == ADDRESS_MAILBOX)
				address_json_put(w, &list.items[i]);
		json_close(w);
	}
	arena_deinit(&a);
}

/* --- Message ids, dates, URLs (4.1.2.5 to 4.1.2.7) --- */

void header_message_ids_put(struct json_writer *w, struct str value)
{
	struct cur c = cur_of(value);
	struct str id;

	if (!msgid_next(&c, &id)) {
		json_put_null(w, NULL); /* "If parsing fails, this is null" */
		return;
	}
	json_open(w, NULL, '[');
	do
		json_put_str(w, NULL, id);
	while (msgid_next(&c, &id));
	json_close(w);
}

/* With the zone of the field (RFC 8620 1.4, Date). */
void header_date_put(struct json_writer *w, struct str value)
{
	char room[64];
	struct date date;
	struct buf out;
	int zone;

	if (!date_parse_mail(value, &date)) {
		json_put_null(w, NULL);
		return;
	}
	zone = date.zone_known ? date.zone_min : 0;
	buf_init_in(&out, room, sizeof room);
	date_put_iso(&out, date.time_ms + (int64_t)zone * 60000);
	if (zone != 0) {
		buf_cut(&out, out.n - 1); /* "Z" */
		buf_fmt(&out, "%c%02d:%02d", zone < 0 ? '-' : '+', abs(zone) / 60,
		        abs(zone) % 60);
	}
	json_put_str(w, NULL, buf_str(&out));
}

/* RFC 2369 2: URLs in angle brackets, comments around them. White space in a URL is folding. */
static bool url_next(struct cur *c, struct arena *a, struct str *out)
{
	struct str skipped, url;
	char *to;
	size_t n = 0;

	if (!cur_until(c, '<', &skipped))
		return false;
	cur_skip(c, 1);
	if (!cur_until(c, '>', &url))
		return false;
	to = arena_alloc(a, url.n);
	for (size_t i = 0; i < url.n; i++)
		if (!ascii_space((unsigned char)url.p[i]))
			to[n++] = url.p[i];
	*out = str_from(to, n);
	return true;
}

static void urls_put(struct json_writer *w, struct str value)
{
	struct cur c = cur_of(value);
	struct arena a = { 0 };
	struct str url;

	if (url_next(&c, &a, &url)) {
		json_open(w, NULL, '[');
		do
			json_put_str(w, NULL, url);
		while (url_next(&c, &a, &url));
		json_close(w);
	} else {
		json_put_null(w, NULL);
	}
	arena_deinit(&a);
}

/* --- Properties --- */

static void header_field_put(struct json_writer *w, const struct header_field *field,
                      enum header_form form)
{
	switch (form) {
	case HEADER_TEXT:
		header_text_put(w, field->value);
		return;
	case HEADER_ADDRESSES:
	case HEADER_GROUPED_ADDRESSES:
		address_field_put(w, field->value, form == HEADER_GROUPED_ADDRESSES);
		return;
	case HEADER_MESSAGE_IDS:
		header_message_ids_put(w, field->value);
		return;
	case HEADER_DATE:
		header_date_put(w, field->value);
		return;
	case HEADER_URLS:
		urls_put(w, field->value);
		return;
	case HEADER_RAW:
	case HEADER_FORMS:
		header_raw_put(w, NULL, field);
		return;
	}
}

void header_property_put(struct json_writer *w, struct str header,
                         const struct header_property *what)
{
	struct cur c = cur_of(header);
	struct header_field field, last;
	bool found = false;

	if (what->all)
		json_open(w, NULL, '[');
	while (buf_ok(w->out) && header_next(&c, &field)) {
		if (!str_eqi(field.name, what->field))
			continue;
		if (what->all)
			header_field_put(w, &field, what->form);
		last = field;
		found = true;
	}
	if (what->all)
		json_close(w);
	else if (found)
		header_field_put(w, &last, what->form);
	else
		json_put_null(w, NULL);
}

void header_list_put(struct json_writer *w, struct str header)
{
	struct cur c = cur_of(header);
	struct header_field field;

	json_open(w, NULL, '[');
	while (buf_ok(w->out) && header_next(&c, &field)) {
		if (field.name.n == 0)
			continue;
		json_open(w, NULL, '{');
		json_put_str(w, "name", field.name);
		header_raw_put(w, "value", &field);
		json_close(w);
	}
	json_close(w);
}
