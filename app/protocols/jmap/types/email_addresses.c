/* protocols/jmap/types/email_addresses.c: see email_addresses.h. */
#include "protocols/jmap/types/email_addresses.h"

#include "model/directory/normal.h"

enum { ADDRESSES_TEXT_MAX = 32 << 10 };

static bool address_put_text(struct json v, struct json_writer *w)
{
	struct json name = json_get(v, "name");
	struct str email, text;
	bool named = json_str(name, &text);
	size_t known = (json_kind(name) != JSON_MISSING) + 1u;

	if (!json_str(json_get(v, "email"), &email) || email.n == 0 || !normal_line(email) ||
	    (!named && json_kind(name) != JSON_NULL && json_kind(name) != JSON_MISSING) ||
	    (named && !normal_line(text)) || json_count(v) != known)
		return false;
	json_open(w, NULL, '{');
	if (named)
		json_put_str(w, "name", text);
	else
		json_put_null(w, "name");
	json_put_str(w, "email", email);
	json_close(w);
	return true;
}

bool email_addresses_text(struct json list, struct arena *a, struct str *out)
{
	struct json_iter it = json_iter(list);
	struct json_writer w;
	struct buf b;
	bool good = true;

	buf_init(&b, ADDRESSES_TEXT_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '[');
	while (good && json_next(&it))
		good = address_put_text(it.value, &w);
	json_close(&w);
	good = good && buf_ok(&b);
	if (good)
		*out = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return good;
}
