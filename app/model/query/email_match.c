/* model/query/email_match.c: see email_match.h. */
#include "model/query/email_match.h"

#include "formats/message/body_lists.h"
#include "foundation/base/clock.h"
#include "model/mailbox/thread.h"
#include "model/query/search_email.h"

enum err email_matcher_init(struct email_matcher *x, const struct mail_txn *m,
                            const struct email_query *what, struct arena *a)
{
	enum err e;

	*x = (struct email_matcher){ .m = m, .what = what };
	search_plan_init(&x->plan, a, &what->filter);
	e = email_viewer_new(m, a, &x->viewer);
	while (!e && search_plan_look(&x->plan, m, &e))
		;
	return e;
}

void email_matcher_deinit(struct email_matcher *x)
{
	search_plan_deinit(&x->plan);
	arena_deinit(&x->arena);
}

/* --- Conditions ------------------------------------------------------------------------- */

static bool in_list(uint32_t mailbox, const struct email_condition *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->mailboxes[i] == mailbox)
			return true;
	return false;
}

static bool in_mailbox(const struct email_view *view, const struct email_condition *c)
{
	for (size_t i = 0; i < view->placements.n; i++)
		if (in_list(view->placements.items[i].mailbox, c) == (c->what == EMAIL_IN_MAILBOX))
			return true;
	return false;
}

static bool view_has(const struct email_view *view, int flag)
{
	return flag >= 0 && flags_has(view->flags, (unsigned)flag);
}

enum err email_matcher_thread(struct email_matcher *x, int flag, bool all, bool *yes)
{
	struct thread_list thread;
	struct email_view view;
	enum err e = thread_get(x->m, x->view.thread, &x->arena, &thread);

	*yes = all;
	for (size_t i = 0; !e && i < thread.n && *yes == all; i++) {
		e = email_view_get(x->viewer, thread.emails[i], &x->arena, &view);
		if (!e)
			*yes = view_has(&view, flag);
		else if (e == ERR_MISSING)
			e = OK;
	}
	return e == ERR_MISSING ? OK : e;
}

static enum err has_attachment(struct email_matcher *x, bool *yes)
{
	struct structure structure;
	struct body_lists lists;
	struct email email;
	enum err e = email_get(x->m, x->view.id, &email);

	*yes = false;
	if (e || !structure_unpack(&x->arena, email.structure, &structure))
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	body_lists_of(&x->arena, &structure, &lists);
	*yes = body_has_attachment(&structure, &lists);
	return OK;
}

static enum verdict condition_test(const struct search_email *one, size_t step, void *arg)
{
	struct email_matcher *x = arg;
	const struct email_condition *c = &x->what->conditions[step];
	bool yes = false;
	enum err e = OK;

	(void)one;
	switch (c->what) {
	case EMAIL_IN_MAILBOX:
	case EMAIL_IN_OTHER_MAILBOX:
		yes = in_mailbox(&x->view, c);
		break;
	case EMAIL_ALL_IN_THREAD:
	case EMAIL_SOME_IN_THREAD:
		e = email_matcher_thread(x, c->flag, c->what == EMAIL_ALL_IN_THREAD, &yes);
		break;
	case EMAIL_HAS_ATTACHMENT:
		e = has_attachment(x, &yes);
		break;
	}
	x->error = x->error ? x->error : e;
	return yes ? VERDICT_YES : VERDICT_NO;
}

enum err email_matcher_test(struct email_matcher *x, uint64_t email, bool *match)
{
	struct search_email one = { .m = x->m,
		                    .limits = x->what->limits,
		                    .plan = &x->plan,
		                    .test = condition_test,
		                    .arg = x,
		                    .now_ms = clock_real_ms() };
	enum err e;

	*match = false;
	arena_reset(&x->arena);
	e = email_view_get(x->viewer, email, &x->arena, &x->view);
	if (e)
		return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
	*match = true;
	if (x->what->filter.n == 0)
		return OK;
	one.row = (struct email_row){ .email = email,
		                      .thread = x->view.thread,
		                      .modseq = x->view.modseq,
		                      .flags = x->view.flags,
		                      .size_bytes = x->view.size_bytes,
		                      .internal_ms = x->view.internal_ms };
	x->error = OK;
	e = search_email_run(&one, &x->what->filter, match);
	return e ? e : x->error;
}
