/* tests/unit/smtp_out/scripted.h: checks that say what a transcript tells them to, so that each
 * verdict can be seen at each stage. Include in one file of a program.
 *
 *	! check 1 rcpt reject 550 5.7.1 not you      what is said at RCPT from now on
 *	! check 1 end change add X-Seen: yes         a change of the message
 *	! check 1 end tag looks odd
 *	! check 1 rcpt unknown tag odd               of recipients that there are not, only
 *	! check 1 mail words verdict=tag text=x      as a setting says (flow/policy/words.h)
 *	! check 1 rcpt                               nothing any more */
#ifndef UNIT_SMTP_SCRIPTED_H
#define UNIT_SMTP_SCRIPTED_H
#include "flow/policy/words.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"

#include <string.h>

enum { SCRIPTED_MAX = 8 };

static struct {
	struct arena arena;
	struct str says[POLICY_STAGES][SCRIPTED_MAX];
	size_t count[POLICY_STAGES];
} scripted;

/* Is the line about whom is asked about now? */
static bool scripted_fits(const struct policy_run *r, size_t i)
{
	return str_starts(scripted.says[policy_stage(r)][i], STR("unknown ")) ==
	       policy_of(r)->rcpt_unknown;
}

static enum policy_need scripted_need(const struct policy_run *r)
{
	for (size_t i = 0; i < scripted.count[policy_stage(r)]; i++)
		if (scripted_fits(r, i))
			return POLICY_QUICK;
	return POLICY_NO;
}

static inline struct str scripted_word(struct str *rest)
{
	struct cur c = cur_of(*rest);
	struct str word;

	if (!cur_until(&c, ' ', &word)) {
		word = *rest;
		*rest = STR_EMPTY;
		return word;
	}
	*rest = str_trim(cur_rest(&c));
	return word;
}

static inline void scripted_change(struct policy_run *r, struct str rest)
{
	static const char *const kinds[] = { "add",      "insert",      "field", "sender",
		                             "rcpt_add", "rcpt_delete", "body" };
	struct str kind = scripted_word(&rest);
	struct policy_change change = { 0 };
	struct policy_changes changes;
	struct why why;

	while (change.kind < COUNT(kinds) && !str_eq(kind, str_of(kinds[change.kind])))
		change.kind++;
	if (change.kind == CHANGE_INSERT || change.kind == CHANGE_FIELD) {
		struct cur c = cur_of(scripted_word(&rest));

		cur_u32(&c, &change.index);
	}
	if (change.kind <= CHANGE_FIELD) {
		change.name = scripted_word(&rest);
		change.name.n -= str_ends(change.name, STR(":"));
	}
	change.value = rest;
	policy_changes_init(&changes);
	if (policy_changes_add(&changes, policy_mail_arena(r), &change, &why) != OK ||
	    policy_change(r, &changes, &why) != OK)
		policy_failed(r, "%s", why.text);
}

static inline void scripted_say(struct policy_run *r, struct str rest)
{
	struct str kind = scripted_word(&rest);
	struct arena a = { 0 };
	uint32_t n = 0;
	struct cur c;

	if (str_eq(kind, STR("change"))) {
		scripted_change(r, rest);
	} else if (str_eq(kind, STR("words"))) {
		static const char *const levels[] = { "off", "on", NULL };
		struct str text = str_fmt(&a, "on %.*s", STR_ARG(rest));
		struct policy_level level;

		assert_int_equal(policy_level_parse(text, &a, levels, &level, NULL), OK);
		policy_say(r, &level.verdict, "what was found");
	} else if (str_eq(kind, STR("failed"))) {
		policy_failed(r, "%.*s", STR_ARG(rest));
	} else if (str_eq(kind, STR("delay"))) {
		c = cur_of(scripted_word(&rest));
		cur_u32(&c, &n);
		policy_delay(r, n, "%.*s", STR_ARG(rest));
	} else if (str_eq(kind, STR("reject")) || str_eq(kind, STR("tempfail"))) {
		const char *enhanced;

		c = cur_of(scripted_word(&rest));
		cur_u32(&c, &n);
		enhanced = str_z(&a, scripted_word(&rest));
		if (str_eq(kind, STR("reject")))
			policy_reject(r, n, enhanced, "%.*s", STR_ARG(rest));
		else
			policy_tempfail(r, n, enhanced, "%.*s", STR_ARG(rest));
	} else {
		for (enum policy_kind k = POLICY_PASS; k < POLICY_KINDS; k++)
			if (str_eq(kind, str_of(policy_kind_name(k))))
				policy_say(r, &(struct policy_answer){ .kind = k }, "%.*s",
				           STR_ARG(rest));
	}
	arena_deinit(&a);
}

static void scripted_run(struct policy_run *r)
{
	for (size_t i = 0; i < scripted.count[policy_stage(r)]; i++) {
		struct str rest = scripted.says[policy_stage(r)][i];

		if (!scripted_fits(r, i))
			continue;
		if (policy_of(r)->rcpt_unknown)
			scripted_word(&rest);
		scripted_say(r, rest);
	}
}

static const struct policy_check scripted_checks[] = {
	{ .name = "scripted",
	  .stages = BIT(POLICY_STAGES) - 1,
	  .roles = POLICY_MX | POLICY_SUBMISSION | POLICY_LMTP,
	  .flags = POLICY_UNKNOWN,
	  .need = scripted_need,
	  .run = scripted_run },
};

/* The line behind "! check 1 ". False: no such stage. */
static inline bool scripted_obey(struct str rest)
{
	struct str stage = scripted_word(&rest);

	for (enum policy_stage s = POLICY_CONNECT; s < POLICY_STAGES; s++) {
		if (!str_eq(stage, str_of(policy_stage_name(s))))
			continue;
		if (rest.n == 0)
			scripted.count[s] = 0;
		else if (scripted.count[s] < SCRIPTED_MAX)
			scripted.says[s][scripted.count[s]++] = str_dup(&scripted.arena, rest);
		return true;
	}
	return false;
}

static inline void scripted_reset(void)
{
	arena_deinit(&scripted.arena);
	memset(scripted.count, 0, sizeof scripted.count);
}

#endif
