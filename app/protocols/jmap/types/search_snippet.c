/* protocols/jmap/types/search_snippet.c: SearchSnippet/get (RFC 8621 5): subject and body of emails
 * with the words of a filter marked. */
#include "foundation/config/limits.h"
#include "model/search/snippet.h"
#include "model/search/text.h"
#include "model/store/store.h"
#include "protocols/jmap/request/query.h"
#include "protocols/jmap/types/email.h"
#include "protocols/jmap/types/email_query.h"

enum { PATTERNS_MAX = 64 /* words and phrases of a filter that are marked */ };

static const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;

struct snippets {
	struct jmap_query q;
	struct email_viewer *viewer;
	struct snippet subject, body;
	struct str *not_found;
	size_t not_found_count;
};

/* --- Patterns --------------------------------------------------------------------------- */

static void pattern_add(struct snippet *s, struct str pattern, unsigned fields)
{
	if (s->n < PATTERNS_MAX)
		fuzzy_init(&s->patterns[s->n++], pattern, fields);
}

/* A filter compares without stems, so texts are without a language. */
static void patterns_make(struct snippets *x, const struct query_program *filter)
{
	struct arena *a = x->q.arena;
	size_t n = MIN(filter->n, PATTERNS_MAX);

	x->subject = (struct snippet){ .patterns = arena_array(a, struct fuzzy, n),
		                       .language = LANGUAGE_NONE,
		                       .least = FUZZY_PART };
	x->body = x->subject;
	x->body.patterns = arena_array(a, struct fuzzy, n);
	for (size_t i = 0; i < filter->n; i++) {
		const struct query_step *step = &filter->steps[i];

		if (step->op == QUERY_TEXT ||
		    (step->op == QUERY_HEADER && str_eqi(step->name, STR("subject"))))
			pattern_add(&x->subject, step->text, BIT(FIELD_SUBJECT));
		if (step->op == QUERY_TEXT || step->op == QUERY_BODY)
			pattern_add(&x->body, step->text, BIT(FIELD_BODY));
	}
}

static void patterns_free(struct snippet *s)
{
	while (s->n > 0)
		fuzzy_deinit(&s->patterns[--s->n]);
}

/* --- Texts ------------------------------------------------------------------------------ */

/* Joins the pieces of each text of a field until one has a match. */
struct texts {
	const struct snippet *s;
	enum search_field field;
	struct buf text, out;
	bool found;
};

static void text_mark(struct texts *t)
{
	if (t->found || t->text.n == 0)
		return;
	t->found = t->field == FIELD_SUBJECT
	                   ? snippet_subject_put(&t->out, t->s, buf_str(&t->text))
	                   : snippet_preview_put(&t->out, t->s, buf_str(&t->text));
}

static bool text_join(void *arg, const struct search_piece *p)
{
	struct texts *t = arg;

	if (p->field != t->field || p->header != (t->field == FIELD_SUBJECT))
		return true;
	if (p->first) {
		text_mark(t);
		buf_reset(&t->text);
	}
	buf_put(&t->text, p->text);
	return !t->found;
}

/* null: no match. */
static void texts_put(struct json_writer *w, const char *name, struct texts *t)
{
	text_mark(t);
	if (t->found && buf_ok(&t->out))
		json_put_str(w, name, buf_str(&t->out));
	else
		json_put_null(w, name);
	buf_deinit(&t->text);
	buf_deinit(&t->out);
}

static struct texts texts_of(const struct snippet *s, enum search_field field)
{
	struct texts t = { .s = s, .field = field };

	buf_init(&t.text, MESSAGE_SIZE_MAX);
	buf_init(&t.out, MESSAGE_SIZE_MAX);
	return t;
}

/* --- Emails ----------------------------------------------------------------------------- */

/* As much of the message as the filter is about. */
static enum err message_read(const struct snippets *x, uint64_t id, struct email *email,
                             struct buf *raw)
{
	enum err e = email_get(&x->q.m, id, email);
	size_t n;

	if (e || x->subject.n + x->body.n == 0)
		return e;
	n = x->body.n != 0 ? email->size_bytes : email->header_bytes;
	return blob_get(x->q.m.t, &email->blob, 0, n, raw);
}

static void snippet_put(struct snippets *x, struct arena *a, struct str id, struct str raw,
                        size_t header_bytes)
{
	struct json_writer *w = x->q.call->out;
	struct texts subject = texts_of(&x->subject, FIELD_SUBJECT);
	struct texts body = texts_of(&x->body, FIELD_BODY);
	struct message message;

	if (x->subject.n != 0)
		(void)search_header_walk(str_sub(raw, 0, header_bytes), STR("subject"), text_join,
		                         &subject);
	if (x->body.n != 0) {
		message_parse(a, raw, &limits, &message);
		(void)search_body_walk(&message, text_join, &body);
	}
	json_open(w, NULL, '{');
	json_put_str(w, "emailId", id);
	texts_put(w, "subject", &subject);
	texts_put(w, "preview", &body);
	json_close(w);
}

/* "If the server is unable to determine search snippets, it MUST return null for both": a damaged
 * message has no text. */
static enum err email_snippet(struct snippets *x, struct arena *a, struct str id)
{
	struct email email = { 0 };
	struct email_view view;
	struct buf raw;
	uint64_t number;
	enum err e = ERR_MISSING;

	if (jmap_id_parse(id, ID_EMAIL, x->q.call->account, &number))
		e = email_view_get(x->viewer, number, a, &view);
	if (e == ERR_MISSING)
		x->not_found[x->not_found_count++] = id;
	if (e)
		return e == ERR_MISSING ? OK : e;
	buf_init(&raw, MESSAGE_SIZE_MAX);
	e = message_read(x, number, &email, &raw);
	if (e == ERR_MISSING || e == ERR_CORRUPT) {
		buf_reset(&raw);
		e = OK;
	}
	if (!e)
		snippet_put(x, a, id, buf_str(&raw), MIN(email.header_bytes, raw.n));
	buf_deinit(&raw);
	return e;
}

static enum err snippets_read(struct txn *t, void *arg)
{
	struct snippets *x = arg;
	struct jmap_call *c = x->q.call;
	struct json_iter it = json_iter(jmap_arg(c, "emailIds"));
	struct email_query what = { 0 };
	struct arena a = { 0 };
	struct str id;
	bool threads;
	enum err e;

	x->q.m = jmap_mail(c, t);
	if ((e = email_filter_make(&x->q, &what, &threads)) ||
	    (e = email_viewer_new(&x->q.m, c->arena, &x->viewer)))
		return e;
	patterns_make(x, &what.filter);
	json_open(c->out, "list", '[');
	while (!e && buf_ok(c->out->out) && json_next(&it) && json_str(it.value, &id)) {
		e = email_snippet(x, &a, id);
		arena_deinit(&a);
	}
	json_close(c->out);
	patterns_free(&x->subject);
	patterns_free(&x->body);
	return e;
}

static enum err search_snippet_get(struct jmap_call *c)
{
	struct snippets x = { .q = { .call = c, .type = &jmap_type_email, .arena = c->arena } };
	size_t n = json_count(jmap_arg(c, "emailIds"));
	enum err e;

	if (n > LIMIT_jmap_get)
		return jmap_refuse(c, "requestTooLarge", "at most %d emails can be requested",
		                   LIMIT_jmap_get);
	x.not_found = arena_array(c->arena, struct str, n);
	json_put_str(c->out, "accountId", jmap_arg_str(c, "accountId"));
	if ((e = query_read(&x.q)) ||
	    (e = store_read(c->server->store, snippets_read, &x)))
		return e;
	if (x.not_found_count == 0) { /* null: all were found */
		json_put_null(c->out, "notFound");
		return OK;
	}
	json_open(c->out, "notFound", '[');
	for (size_t i = 0; i < x.not_found_count; i++)
		json_put_str(c->out, NULL, x.not_found[i]);
	json_close(c->out);
	return OK;
}

static const struct jmap_argument arguments[] = {
	{ "accountId", FORM_ID, NEEDED, 0 },
	{ "filter", FORM_OBJECT, OR_NULL, 0 },
	{ "emailIds", FORM_ID, LIST | NEEDED, 0 },
};

static const struct jmap_method rows[] = {
	{ .name = "SearchSnippet/get",
	  .capability = CAP_MAIL,
	  .scope = JMAP_MAIL,
	  .arguments = arguments,
	  .argument_count = COUNT(arguments),
	  .run = search_snippet_get },
};
const struct jmap_methods jmap_methods_search_snippet = { rows, COUNT(rows) };
