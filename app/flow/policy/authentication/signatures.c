/* flow/policy/authentication/signatures.c: see signatures.h. */
#include "flow/policy/authentication/signatures.h"

#include "flow/policy/authentication/verified.h"
#include "flow/policy/authentication/authentication_private.h"
#include "flow/policy/task.h"
#include "formats/mailauth/arc.h"
#include "formats/message/header.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/config/settings.h"
#include "foundation/text/base64.h"

#include <stdatomic.h>

enum { BEGINNING = 6 }; /* bytes, of 8 letters */

/* The keys of a message. LIMIT_policy_keys are looked up in parallel, so that a message
 * with fifty seals does not delay others. */
struct keys {
	struct dkim_question **names;
	size_t count;
	atomic_size_t next;
	atomic_bool late; /* one lookup failed because its time was used up */
};

/* The checked signatures and their keys. */
struct looking {
	struct policy_signed *all;
	struct keys *keys;
};

struct asker {
	struct policy_task task;
	struct keys *keys;
};

/* --- while the message arrives --------------------------------------------------------------- */

/* RFC 8617 5.2: a part of a set also counts as a chain, a broken one. */
bool signatures_any(struct str message)
{
	static const struct str names[] = { STR("DKIM-Signature"), STR("ARC-Seal"),
		                            STR("ARC-Message-Signature"),
		                            STR("ARC-Authentication-Results") };
	struct cur c = cur_of(message);
	struct header_field field;

	while (header_next(&c, &field))
		for (size_t i = 0; i < COUNT(names); i++)
			if (str_eqi(field.name, names[i]))
				return true;
	return false;
}

void signatures_prepare(struct policy_signed *x, struct str header, struct arena *a)
{
	int64_t now_s = clock_real_ms() / 1000;

	*x = (struct policy_signed){ .header = header };
	dkim_fields_read(&x->fields, &header, 1, a);
	body_hashes_init(&x->bodies);
	dkim_verify_begin(&x->signatures, &x->fields, &x->bodies, now_s, a);
	arc_verify_begin(&x->chain, &x->fields, &x->bodies, now_s, a);
}

static void body_put(struct policy_signed *x, struct str bytes)
{
	body_hashes_put(&x->bodies, bytes);
	x->hashed += bytes.n;
}

void signatures_body(struct policy_session *s, struct str bytes)
{
	if (s->signed_by != NULL)
		body_put(s->signed_by, bytes);
}

/* --- the check ------------------------------------------------------------------------------- */

/* Authenticated users are known. Private hosts mostly send unsigned mail; signed mail
 * from them was forwarded. */
enum policy_need signatures_need(const struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	if (!policy_settings(r)->dkim_verify || s->account != 0)
		return POLICY_NO;
	if (signatures_any(s->message))
		return POLICY_SLOW;
	return addr_is_private(&s->peer) ? POLICY_NO : POLICY_QUICK;
}

static void signature_query(struct policy_task *task)
{
	struct keys *keys = container_of(task, struct asker, task)->keys;
	size_t i = atomic_fetch_add(&keys->next, 1);

	if (i < keys->count) {
		bool fair = policy_time_is_fair(task->run);

		dkim_question_ask(keys->names[i], policy_dns(task->run),
		                  policy_dns_deadline_ms(task->run));
		if (!fair && keys->names[i]->found == DKIM_KEY_UNKNOWN)
			atomic_store(&keys->late, true);
	}
	task->again = i + 1 < keys->count;
}

/* Both kinds share a key of the same name; a sealer often also signs. */
static void names_find(struct keys *keys, struct policy_signed *all, struct arena *a)
{
	size_t signatures = all->signatures.question_count, seals = all->chain.question_count;

	keys->names = arena_array(a, struct dkim_question *, signatures + seals);
	for (size_t i = 0; i < signatures; i++)
		dkim_question_join(keys->names, &keys->count, &all->signatures.questions[i]);
	for (size_t i = 0; i < seals; i++)
		dkim_question_join(keys->names, &keys->count, &all->chain.questions[i]);
}

/* Cached keys need no thread. */
static void known_ask(struct policy_run *r, struct keys *keys)
{
	size_t unknown = 0;

	for (size_t i = 0; i < keys->count; i++) {
		struct dkim_question *q = keys->names[i];

		if (dns_txt_cached(policy_dns(r), q->name))
			dkim_question_ask(q, policy_dns(r), policy_dns_deadline_ms(r));
		else
			keys->names[unknown++] = q;
	}
	keys->count = unknown;
}

static struct keys *ask_all(struct policy_run *r, struct policy_signed *all)
{
	struct keys *keys = arena_new(policy_arena(r), struct keys);

	names_find(keys, all, policy_arena(r));
	known_ask(r, keys);
	for (size_t i = 0; i < MIN(keys->count, (size_t)LIMIT_policy_keys); i++) {
		struct asker *x = arena_new(policy_arena(r), struct asker);

		x->keys = keys;
		policy_task(r, &x->task, signature_query);
	}
	return keys;
}

void signatures_start(struct policy_run *r)
{
	struct policy_signed *all = policy_of(r)->signed_by;
	struct str message = policy_of(r)->message;
	struct looking *x = arena_new(policy_arena(r), struct looking);
	size_t header = header_size(message);

	/* The message arrived at once, or the header end was misdetected. */
	if (all == NULL || header + all->hashed != message.n) {
		all = arena_new(policy_arena(r), struct policy_signed);
		signatures_prepare(all, str_sub(message, 0, header), policy_arena(r));
	}
	policy_keep(r, x);
	*x = (struct looking){ all, ask_all(r, all) };
}

/* --- results -------------------------------------------------------------------------------- */

/* The beginning of b=, which distinguishes signatures of one domain (RFC 6008 4). */
static struct str beginning(struct str signature, struct arena *a)
{
	struct str text;
	struct buf b;

	buf_init(&b, 2 * BEGINNING);
	base64_put(&b, str_sub(signature, 0, MIN(signature.n, (size_t)BEGINNING)));
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static void signature_save(struct policy_signature *out, const struct dkim_check *c,
                           struct arena *a)
{
	*out = (struct policy_signature){ .result = c->result,
		                          .domain = str_dup(a, c->signature.domain),
		                          .selector = str_dup(a, c->signature.selector),
		                          .identity = str_dup(a, c->signature.identity),
		                          .algorithm = str_dup(a, c->signature.algorithm_text),
		                          .names = str_dup(a, c->signature.names),
		                          .begins = beginning(c->signature.signature, a),
		                          .testing = c->testing,
		                          .tls_report = c->tls_report && !c->testing,
		                          .body_changed = c->body_changed,
		                          .why = str_dup(a, str_of(c->why.text)) };
}

static void signature_report(struct policy_run *r, const struct policy_signature *x)
{
	policy_found(r, "%.*s of %.*s (%.*s)%s%.*s", STR_ARG(dkim_result_text(x->result)),
	             STR_ARG(x->domain), STR_ARG(x->selector), x->why.n != 0 ? ": " : "",
	             STR_ARG(x->why));
}

static void chain_keep(struct policy_run *r, const struct arc_verifier *chain)
{
	struct policy_verified *v = policy_verified(r);
	struct arena *a = policy_mail_arena(r);

	v->arc = chain->result;
	v->arc_unanswered = chain->unanswered;
	v->arc_why = str_dup(a, str_of(chain->why.text));
	if (chain->result == ARC_NONE)
		return;
	if (chain->result == ARC_PASS)
		v->arc_why = str_fmt(a, "%zu set%s, the last by %.*s", chain->count,
		                     chain->count == 1 ? "" : "s",
		                     STR_ARG(chain->sets[chain->count - 1].sealed.domain));
	policy_found(r, "ARC: %.*s, %.*s", STR_ARG(arc_result_text(v->arc)), STR_ARG(v->arc_why));
}

void signatures_run(struct policy_run *r)
{
	const struct looking *x = policy_kept(r); /* NULL: there are none */
	struct policy_signed *all;
	struct policy_verified *v = policy_verified(r);
	struct arena *a = policy_mail_arena(r);
	struct str message = policy_of(r)->message;

	v->dkim = true;
	if (x == NULL)
		return;
	all = x->all;
	if (all->hashed == 0)
		body_put(all, str_sub(message, header_size(message), message.n));
	body_hashes_end(&all->bodies);
	policy_tasks_wait(r);
	v->dkim_late = atomic_load(&x->keys->late);
	dkim_verify_end(&all->signatures);
	arc_verify_end(&all->chain);
	v->signature_count = all->signatures.count;
	v->more_of_author = all->signatures.more_of_author;
	v->signatures = arena_array(a, struct policy_signature, v->signature_count);
	for (size_t i = 0; i < v->signature_count; i++) {
		signature_save(&v->signatures[i], &all->signatures.checks[i], a);
		signature_report(r, &v->signatures[i]);
	}
	chain_keep(r, &all->chain);
	vouched_find(r, &all->chain);
}

void signatures_missed(struct policy_run *r)
{
	policy_verified(r)->dkim_late = true;
	policy_failed(r, "all slots for external queries are in use");
}
