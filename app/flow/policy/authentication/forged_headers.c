/* flow/policy/authentication/forged_headers.c: see forged_headers.h. */
#include "flow/policy/authentication/forged_headers.h"

#include "formats/mailauth/authres.h"
#include "formats/message/header.h"

/* Fields that only the receiving server may write. BIMI fields have no author, so all
 * received ones are forged. */
static const struct {
	struct str name;
	bool named; /* the field names its author; those of other hosts stay */
} ours[] = {
	{ STR("Authentication-Results"), true },
	{ STR("BIMI-Location"), false },
	{ STR("BIMI-Indicator"), false },
};

/* Index of the field in ours; COUNT(ours): none. */
static size_t forged_kind_of(struct str name)
{
	size_t k = 0;

	while (k < COUNT(ours) && !str_eqi(name, ours[k].name))
		k++;
	return k;
}

/* Call found for each such field, with its kind and its index among fields of its name,
 * from 1. */
static size_t each_forged(const struct policy_session *s,
                          void (*found)(size_t kind, uint32_t place, void *arg), void *arg)
{
	struct cur c = cur_of(s->message);
	uint32_t places[COUNT(ours)] = { 0 };
	struct header_field field;
	size_t n = 0;

	while (header_next(&c, &field)) {
		size_t k = forged_kind_of(field.name);

		if (k == COUNT(ours))
			continue;
		places[k]++;
		if (ours[k].named && !authres_claims(field.value, s->hostname))
			continue;
		n++;
		if (found != NULL)
			found(k, places[k], arg);
	}
	return n;
}

enum policy_need forged_need(const struct policy_run *r)
{
	return each_forged(policy_of(r), NULL, NULL) != 0 ? POLICY_QUICK : POLICY_NO;
}

struct taking {
	struct policy_change *changes;
	size_t count;
};

static void forged_take(size_t kind, uint32_t place, void *arg)
{
	struct taking *t = arg;

	t->changes[t->count++] = (struct policy_change){ .kind = CHANGE_FIELD,
		                                         .index = place,
		                                         .came = true,
		                                         .name = ours[kind].name };
}

/* From the last one up, so that the indices above stay valid. */
static enum err take_out(struct policy_run *r, size_t n, struct why *why)
{
	struct taking t = { .changes = arena_array(policy_arena(r), struct policy_change, n) };
	struct policy_changes changes;
	enum err e = OK;

	policy_changes_init(&changes);
	each_forged(policy_of(r), forged_take, &t);
	while (e == OK && t.count != 0)
		e = policy_changes_add(&changes, policy_mail_arena(r), &t.changes[--t.count], why);
	return e == OK ? policy_change(r, &changes, why) : e;
}

void forged_run(struct policy_run *r)
{
	size_t n = each_forged(policy_of(r), NULL, NULL);
	struct why why = { "" };

	if (take_out(r, n, &why) == OK)
		policy_changed(r, "%zu fields that only we may write taken out", n);
	else
		policy_reject(r, 554, "5.6.0", "too many fields claim to be ours");
}
