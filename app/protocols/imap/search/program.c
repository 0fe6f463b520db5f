/* protocols/imap/search/program.c: see program.h. */
#include "protocols/imap/search/program.h"

#include "foundation/base/arena.h"

static const struct {
	enum query_op op;
	char side; /* of the number: '<', '=', '>', or ']' for up to it, '[' from it on */
} forms[] = {
	[SEARCH_AND] = { QUERY_AND, 0 },
	[SEARCH_OR] = { QUERY_OR, 0 },
	[SEARCH_NOT] = { QUERY_NOT, 0 },
	[SEARCH_ALL] = { QUERY_ALL, 0 },
	[SEARCH_SEQ] = { QUERY_CALLER, 0 },
	[SEARCH_UID] = { QUERY_CALLER, 0 },
	[SEARCH_FLAG] = { QUERY_FLAG, 0 },
	[SEARCH_RECENT] = { QUERY_CALLER, 0 },
	[SEARCH_LARGER] = { QUERY_SIZE, '>' },
	[SEARCH_SMALLER] = { QUERY_SIZE, '<' },
	[SEARCH_BEFORE] = { QUERY_RECEIVED_DAY, '<' },
	[SEARCH_ON] = { QUERY_RECEIVED_DAY, '=' },
	[SEARCH_SINCE] = { QUERY_RECEIVED_DAY, '[' },
	[SEARCH_MODSEQ] = { QUERY_CALLER, 0 },
	[SEARCH_YOUNGER] = { QUERY_AGE, ']' },
	[SEARCH_OLDER] = { QUERY_AGE, '[' },
	[SEARCH_SAVEDBEFORE] = { QUERY_SAVED_DAY, '<' },
	[SEARCH_SAVEDON] = { QUERY_SAVED_DAY, '=' },
	[SEARCH_SAVEDSINCE] = { QUERY_SAVED_DAY, '[' },
	[SEARCH_SAVEDATESUPPORTED] = { QUERY_ALL, 0 },
	[SEARCH_EMAILID] = { QUERY_CALLER, 0 },
	[SEARCH_THREADID] = { QUERY_CALLER, 0 },
	[SEARCH_SENTBEFORE] = { QUERY_SENT_DAY, '<' },
	[SEARCH_SENTON] = { QUERY_SENT_DAY, '=' },
	[SEARCH_SENTSINCE] = { QUERY_SENT_DAY, '[' },
	[SEARCH_HEADER] = { QUERY_HEADER, 0 },
	[SEARCH_BODY] = { QUERY_BODY, 0 },
	[SEARCH_TEXT] = { QUERY_TEXT, 0 },
};

static struct query_step step_of(const struct imap_search_step *from)
{
	struct query_step step = { .text = from->text, .name = from->name, .fuzzy = from->fuzzy };
	int64_t n = from->number;

	assert(from->op < COUNT(forms));
	step.op = forms[from->op].op;
	step.slack = step.op == QUERY_SIZE || step.op == QUERY_AGE ? n / NEAR_PART : NEAR_DAYS;
	step.number = -1;
	step.lo = INT64_MIN;
	step.hi = INT64_MAX;
	switch (forms[from->op].side) {
	case '<':
		step.hi = n - 1;
		break;
	case '>': /* no message is large enough for an overflow */
		step.lo = MIN(n, INT64_MAX - 1) + 1;
		break;
	case '=':
		step.lo = step.hi = n;
		break;
	case '[':
		step.lo = n;
		break;
	case ']':
		step.hi = n;
		break;
	default:
		break;
	}
	return step;
}

void imap_program_make(const struct imap_search *what, struct arena *a, struct query_program *out)
{
	out->n = what->n;
	out->steps = arena_array(a, struct query_step, what->n);
	for (size_t i = 0; i < what->n; i++)
		out->steps[i] = step_of(&what->steps[i]);
}
