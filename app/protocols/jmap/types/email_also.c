/* protocols/jmap/types/email_also.c: see email_also.h. */
#include "protocols/jmap/types/email_also.h"

#include "foundation/config/limits.h"

static bool email_before(const struct email_also *x, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (x->updates[k].email == x->updates[i].email)
			return true;
	return false;
}

/* Does a later patch of the same email have this name? */
static bool name_after(const struct email_also *x, size_t i, const char *name)
{
	for (size_t k = i + 1; k < x->update_count; k++)
		if (x->updates[k].email == x->updates[i].email &&
		    json_kind(json_get(x->updates[k].patch, name)) != JSON_MISSING)
			return true;
	return false;
}

static void update_put(struct jmap_call *c, const struct email_also *x, size_t i,
                       struct json_writer *w)
{
	json_put_name(w, jmap_id_text(c->arena, ID_EMAIL, c->account, x->updates[i].email));
	json_open(w, NULL, '{');
	for (size_t k = i; k < x->update_count; k++) {
		struct json_iter it = json_iter(x->updates[k].patch);

		if (x->updates[k].email != x->updates[i].email)
			continue;
		while (json_next(&it)) {
			if (name_after(x, k, str_z(c->arena, it.name)))
				continue;
			json_put_name(w, it.name);
			json_put_value(w, NULL, it.value);
		}
	}
	json_close(w);
}

void email_also_call(struct jmap_call *c, const struct email_also *x)
{
	struct json_writer w;
	struct buf b;

	if (x->update_count + x->destroy_count == 0)
		return;
	buf_init(&b, LIMIT_jmap_response);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "accountId", jmap_arg_str(c, "accountId"));
	json_open(&w, "update", '{');
	for (size_t i = 0; i < x->update_count; i++)
		if (!email_before(x, i))
			update_put(c, x, i, &w);
	json_close(&w);
	json_open(&w, "destroy", '[');
	for (size_t i = 0; i < x->destroy_count; i++)
		json_put_str(&w, NULL,
		             jmap_id_text(c->arena, ID_EMAIL, c->account, x->destroys[i]));
	json_close(&w);
	json_close(&w);
	jmap_call_also(c, "Email/set", buf_ok(&b) ? buf_str(&b) : STR_EMPTY);
	buf_deinit(&b);
}
