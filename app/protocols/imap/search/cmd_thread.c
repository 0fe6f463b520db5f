/* protocols/imap/search/cmd_thread.c: THREAD and UID THREAD (RFC 5256 3). */
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/search/gathering.h"
#include "protocols/imap/search/named_search.h"
#include "model/query/thread.h"

struct threading {
	struct gathering gather;
	enum imap_thread_by by;
	struct threads threads;
	bool made, telling;
	uint32_t at;  /* the node to write or to leave next */
	bool leaving; /* its children were written          */
};

static void threading_free(void *task)
{
	gathering_deinit(&((struct threading *)task)->gather);
}

static unsigned columns_of(enum imap_thread_by by)
{
	unsigned mask = BIT(COLUMN_SENT);

	if (by != IMAP_THREAD_REFS)
		mask |= BIT(COLUMN_SUBJECT);
	if (by != IMAP_THREAD_ORDEREDSUBJECT)
		mask |= BIT(COLUMN_THREAD);
	return mask;
}

static struct thread_message message_of(const struct gathering *g, size_t i)
{
	struct thread_message m = { .sent_ms = g->sent_ms[i],
		                    .arrived_ms = g->items[i].arrived_ms };
	struct str subject = g->values[COLUMN_SUBJECT] ? g->values[COLUMN_SUBJECT][i] : STR_EMPTY;

	m.reply = subject.n && subject.p[0] == '1';
	m.subject = str_sub(subject, 1, subject.n);
	if (g->values[COLUMN_THREAD])
		m.ids = g->values[COLUMN_THREAD][i];
	return m;
}

static void threads_of(struct threading *g, struct arena *a)
{
	static const enum thread_algorithm algorithms[] = {
		[IMAP_THREAD_ORDEREDSUBJECT] = THREAD_ORDEREDSUBJECT,
		[IMAP_THREAD_REFERENCES] = THREAD_REFERENCES,
		[IMAP_THREAD_REFS] = THREAD_REFS,
	};
	struct thread_message *messages = arena_array(a, struct thread_message, g->gather.n);

	for (size_t i = 0; i < g->gather.n; i++)
		messages[i] = message_of(&g->gather, i);
	threads_make(a, algorithms[g->by], messages, (uint32_t)g->gather.n, &g->threads);
	g->at = g->threads.root;
	g->made = true;
}

/* --- results ---------------------------------------------------------------------------- */

/* thread-list = "(" (thread-members / thread-nested) ")": begins a thread, and each of
 * several replies to one message. */
static bool begins_list(const struct threads *t, uint32_t at)
{
	const struct thread_node *n = &t->nodes[at];

	return n->parent == THREAD_NONE || t->nodes[n->parent].child != at ||
	       n->next != THREAD_NONE;
}

static void enter(struct imap *s, struct threading *g)
{
	const struct thread_node *n = &g->threads.nodes[g->at];
	struct buf *out = imap_out(s);

	if (begins_list(&g->threads, g->at))
		buf_byte(out, '(');
	if (n->message != THREAD_NONE) {
		uint32_t uid = g->gather.items[n->message].uid;

		buf_u64(out, s->run.uid ? uid : view_seq(&s->selected.view, uid));
		if (n->child != THREAD_NONE)
			buf_byte(out, ' ');
	}
	g->leaving = n->child == THREAD_NONE;
	if (!g->leaving)
		g->at = n->child;
}

static void thread_leave(struct imap *s, struct threading *g)
{
	const struct thread_node *n = &g->threads.nodes[g->at];

	if (begins_list(&g->threads, g->at))
		buf_byte(imap_out(s), ')');
	g->leaving = n->next == THREAD_NONE;
	g->at = g->leaving ? n->parent : n->next;
}

static enum done thread_tell(struct imap *s, struct threading *g)
{
	if (!g->telling)
		buf_put(imap_out(s), g->at != THREAD_NONE ? STR("* THREAD ") : STR("* THREAD"));
	g->telling = true;
	while (g->at != THREAD_NONE) {
		if (conn_out_full(s->conn))
			return DONE_LATER;
		if (g->leaving)
			thread_leave(s, g);
		else
			enter(s, g);
	}
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

static enum done thread_answer(struct imap *s)
{
	struct threading *g = s->run.task;

	if (!g->gather.done) {
		enum err e = gathering_go(&g->gather);

		if (e) {
			imap_failed(s, ABOUT_ANY, e, NULL);
			return DONE;
		}
		if (!g->gather.done)
			return DONE_LATER;
	}
	if (!g->made)
		threads_of(g, &s->run.arena);
	return thread_tell(s, g);
}

enum done imap_cmd_thread(struct imap *s, union imap_args *args)
{
	struct threading *g = arena_new(&s->run.arena, struct threading);

	/* RFC 9738 3.3 */
	if (imap_limit_exceeded(s, imap_message_limit(s), s->selected.view.exists))
		return DONE;
	g->by = args->thread.by;
	if (!imap_named_search_begin(s, &args->thread.search))
		return DONE;
	if (!gathering_init(&g->gather, s, &args->thread.search, columns_of(g->by)))
		return DONE;
	s->run.task = g;
	s->run.release = threading_free;
	s->run.answer = thread_answer;
	s->mode = MODE_ANSWER;
	return thread_answer(s);
}
