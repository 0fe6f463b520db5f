/* operations/transfer/import.c: see import.h; its rows are in import_row.c. */
#include "operations/transfer/import.h"

#include "foundation/base/arena.h"

const char *import_state_name(enum import_state state)
{
	static const char *const names[IMPORT_STATES] = {
		[IMPORT_WAITING] = "waiting",     [IMPORT_RUNNING] = "running",
		[IMPORT_DONE] = "done",           [IMPORT_FAILED] = "failed",
		[IMPORT_CANCELLED] = "cancelled", [IMPORT_INTERRUPTED] = "interrupted",
	};

	return names[state];
}

bool import_is_active(enum import_state state)
{
	return state == IMPORT_WAITING || state == IMPORT_RUNNING;
}

struct import_sums import_sums(const struct import *i)
{
	struct import_sums s = { 0 };

	for (size_t n = 0; n < i->folder_count; n++) {
		const struct import_folder *f = &i->folders[n];

		s.skipped += f->counts.skipped;
		if (f->to.n == 0)
			continue;
		s.folders++;
		s.ended += f->ended;
		s.messages += f->messages;
		s.done += f->done;
		s.known += f->counts.known;
	}
	return s;
}

static const struct import_folder *folders_dup(struct arena *a, const struct import *i)
{
	struct import_folder *to = arena_array(a, struct import_folder, i->folder_count);

	for (size_t n = 0; n < i->folder_count; n++) {
		to[n] = i->folders[n];
		to[n].from = str_dup(a, to[n].from);
		to[n].to = str_dup(a, to[n].to);
	}
	return to;
}

static const struct import_left *left_dup(struct arena *a, const struct import *i)
{
	struct import_left *to = arena_array(a, struct import_left, i->left_count);

	for (size_t n = 0; n < i->left_count; n++)
		to[n] = (struct import_left){ str_dup(a, i->left[n].folder),
			                      str_dup(a, i->left[n].what),
			                      str_dup(a, i->left[n].why) };
	return to;
}

static const struct transfer_rule *rules_dup(struct arena *a, const struct import *i)
{
	struct transfer_rule *to = arena_array(a, struct transfer_rule, i->rule_count);

	for (size_t n = 0; n < i->rule_count; n++)
		to[n] = (struct transfer_rule){ str_dup(a, i->rules[n].from),
			                        str_dup(a, i->rules[n].to) };
	return to;
}

struct import import_dup(struct arena *a, const struct import *i)
{
	struct import to = *i;

	to.host = str_dup(a, i->host);
	to.user = str_dup(a, i->user);
	to.roots = str_dup(a, i->roots);
	to.by = str_dup(a, i->by);
	to.problem = str_dup(a, i->problem);
	to.rules = rules_dup(a, i);
	to.folders = folders_dup(a, i);
	to.left = left_dup(a, i);
	return to;
}
