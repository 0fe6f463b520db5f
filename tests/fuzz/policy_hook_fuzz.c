/* What an HTTP hook answers, and what it asks to be changed. Laws: an answer that is read has an
 * action, a code of its class, at most so many changes; each change is taken or refused, and with
 * those that are taken the header still ends where it ended. */
#include "flow/policy/hook/wire_hook.h"
#include "flow/policy/view.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void changes_law(const struct hook_answer *answer)
{
	static const struct str message = STR("From: a@b\r\nX: 1\r\nX: 2\r\n\r\nbody\r\n");
	struct policy_changes changes;
	struct policy_view v;
	struct arena a = { 0 };
	struct str header;

	policy_changes_init(&changes);
	policy_view_init(&v, STR(""), STR(""), message, &a);
	for (size_t i = 0; i < MIN(answer->change_count, (size_t)50); i++)
		if (policy_changes_add(&changes, &a, &answer->changes[i], NULL) == OK)
			policy_view_change(&v, container_of(changes.items.prev,
			                                    struct policy_change, link));
	header = policy_view_header(&v);
	assert(header_size(header) == header.n);
	assert(str_eq(policy_view_rest(&v), STR("\r\nbody\r\n")));
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { 0 };
	struct hook_answer answer;
	struct why why = { "" };

	if (hook_answer_parse(str_from((const char *)data, n), &a, &answer, &why) != OK) {
		assert(why.text[0] != '\0');
	} else {
		assert(answer.action < HOOK_ACTIONS);
		assert(answer.code == 0 ||
		       answer.code / 100 == (answer.action == HOOK_TEMPFAIL ? 4 : 5));
		assert(answer.change_count <= HOOK_CHANGES_MAX);
		changes_law(&answer);
	}
	arena_deinit(&a);
	return 0;
}
