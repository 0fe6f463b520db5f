/* policy/forged.c: see forged.h. */
#include "policy/forged.h"

#include "mailauth/authres.h"
#include "message/header.h"

#define FIELD "Authentication-Results"

/* Call found with the place of each such field among those of its name, from 1 on. */
static size_t each_forged(const struct policy_session *s, void (*found)(uint32_t place, void *arg),
                          void *arg)
{
	struct cur c = cur_of(s->message);
	struct header_field field;
	uint32_t place = 0;
	size_t n = 0;

	while (header_next(&c, &field)) {
		if (!str_eqi(field.name, STR(FIELD)))
			continue;
		place++;
		if (!authres_claims(field.value, s->hostname))
			continue;
		n++;
		if (found != NULL)
			found(place, arg);
	}
	return n;
}

enum policy_need forged_need(const struct policy_run *r)
{
	return each_forged(policy_of(r), NULL, NULL) != 0 ? POLICY_QUICK : POLICY_NO;
}

struct taking {
	uint32_t *places;
	size_t count;
};

static void take(uint32_t place, void *arg)
{
	struct taking *t = arg;

	t->places[t->count++] = place;
}

/* From the last one up, so that those above keep their places. */
static enum err take_out(struct policy_run *r, size_t n, struct why *why)
{
	struct taking t = { .places = arena_array(policy_arena(r), uint32_t, n) };
	struct policy_changes changes;
	enum err e = OK;

	policy_changes_init(&changes);
	each_forged(policy_of(r), take, &t);
	while (e == OK && t.count != 0) {
		const struct policy_change c = { .kind = CHANGE_FIELD,
			                         .index = t.places[--t.count],
			                         .name = STR(FIELD) };

		e = policy_changes_add(&changes, policy_mail_arena(r), &c, why);
	}
	return e == OK ? policy_change(r, &changes, why) : e;
}

void forged_run(struct policy_run *r)
{
	size_t n = each_forged(policy_of(r), NULL, NULL);
	struct why why = { "" };

	if (take_out(r, n, &why) == OK)
		policy_changed(r, "%zu fields " FIELD " that are not ours taken out", n);
	else
		policy_reject(r, 554, "5.6.0", "too many fields " FIELD " claim to be ours");
}
