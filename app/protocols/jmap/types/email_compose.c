/* protocols/jmap/types/email_compose.c: see email_compose.h. */
#include "formats/message/build.h"
#include "protocols/jmap/types/composing.h"

static enum err email_fields_put(struct composing *c, struct buf *out, struct field_names *written)
{
	struct json_iter it = json_iter(c->email);
	enum err e;

	while (json_next(&it)) {
		struct header_property what;

		if (!header_convenience_parse(it.name, &what) &&
		    !header_property_parse(it.name, &what))
			continue;
		if (str_startsi(what.field, STR("Content-")))
			return compose_refuse(c, it.name, "only parts have the field %.*s",
			                      STR_ARG(what.field));
		if ((e = compose_field(c, out, it.name, &what, it.value, written)))
			return e;
	}
	return OK;
}

/* RFC 8621 4.6: Message-ID and Date are generated when they are not given. */
static void generated_put(struct composing *c, struct buf *out, struct field_names *written)
{
	if (!field_names_has(written, STR("Message-ID")))
		build_field(out, STR("Message-ID"), build_message_id(c->arena, c->domain));
	if (!field_names_has(written, STR("Date")))
		build_date(out, STR("Date"), c->now_ms);
	if (!field_names_has(written, STR("MIME-Version")))
		build_field(out, STR("MIME-Version"), STR("1.0"));
}

enum err email_compose(struct composing *c, struct buf *out)
{
	struct field_names written = { .n = 0 };
	struct compose_parts parts;
	enum err e;

	if (json_kind(json_get(c->email, "headers")) != JSON_MISSING)
		return compose_refuse(c, STR("headers"), "set each header field as a property");
	if ((e = compose_parts(c, &parts)) || (e = email_fields_put(c, out, &written)))
		return e;
	generated_put(c, out, &written);
	return compose_parts_put(c, &parts, out, &written);
}
