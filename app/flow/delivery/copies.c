/* flow/delivery/copies.c: see copies.h. */
#include "flow/delivery/copies.h"

#include "flow/delivery/fit.h"
#include "flow/delivery/plan.h"
#include "flow/delivery/seal.h"
#include "flow/delivery/sign.h"
#include "formats/message/header.h"

enum { SIGNATURES_MAX = 64 << 10, SEAL_MAX = 64 << 10 };

/* --- one message --------------------------------------------------------------------- */

/* RFC 8689 4.1: the field counts only without the parameter, and only if there is one. */
static bool tls_optional(const struct delivery_message *m)
{
	struct str header = str_sub(m->body, 0, header_size(m->body));
	struct header_field field;

	return !(m->envelope.flags & ENVELOPE_REQUIRETLS) &&
	       header_count(header, STR("TLS-Required")) == 1 &&
	       header_find(header, STR("TLS-Required"), &field) &&
	       str_eqi(str_trim(field.value), STR("No"));
}

static unsigned flags_of(const struct delivery_message *m)
{
	unsigned flags = m->envelope.flags &
	                 ~(unsigned)(ENVELOPE_LONG_HEADER | ENVELOPE_LONG_BODY | ENVELOPE_SIGNED);

	return flags | fit_flags(m) | (tls_optional(m) ? ENVELOPE_TLS_OPTIONAL : 0u);
}

/* The signature covers the sent form. */
enum err copy_begin(struct copy_source *s, const struct delivery *d,
                    const struct delivery_message *m, struct why *why)
{
	enum err e;

	*s = (struct copy_source){ .d = d, .m = *m };
	spool_init(&s->fitting, d->store, MESSAGE_SIZE_MAX);
	buf_init(&s->signatures, SIGNATURES_MAX);
	e = fit_own(d, &s->m, &s->fitting);
	if (e)
		return fail(why, e, "the message could not be converted");
	s->flags = flags_of(&s->m);
	e = sign_put(&s->signatures, d, &s->m);
	if (s->signatures.n != 0)
		s->flags |= ENVELOPE_SIGNED;
	return e;
}

enum err copy_make(const struct copy_source *s, struct str seal, struct blob_draft **out,
                   struct why *why)
{
	struct buf set;
	enum err e = OK;

	buf_init(&set, SEAL_MAX);
	if (seal.n != 0)
		e = seal_put(&set, s->d, &s->m, seal);
	if (e == OK) {
		const struct str parts[] = { buf_str(&set), buf_str(&s->signatures), s->m.trace,
			                     s->m.body };

		e = blob_prepare(s->d->store, parts, COUNT(parts), out, why);
	}
	buf_deinit(&set);
	return e;
}

void copy_end(struct copy_source *s)
{
	buf_deinit(&s->signatures);
	spool_deinit(&s->fitting);
}

/* --- the copies of a plan -------------------------------------------------------------- */

static const struct delivery_copy *copy_get(const struct plan *p, struct str seal)
{
	for (size_t i = 0; i < p->copies.count; i++)
		if (str_eq(p->copies.items[i].sealed, seal))
			return &p->copies.items[i];
	return NULL;
}

/* One place is reserved for the unsealed copy. */
static void seal_choose(struct plan *p, struct plan_remote *r)
{
	size_t sealed = p->copies.count - (copy_get(p, STR_EMPTY) != NULL);

	if (copy_get(p, r->seal) == NULL && sealed == DELIVERY_COPIES_MAX - 1)
		r->seal = STR_EMPTY;
}

static enum err copy_add(struct plan *p, const struct copy_source *s, struct plan_remote *r,
                         struct why *why)
{
	struct delivery_copy *copy = &p->copies.items[p->copies.count];
	enum err e;

	seal_choose(p, r);
	if (copy_get(p, r->seal) != NULL)
		return OK;
	e = copy_make(s, r->seal, &copy->draft, why);
	if (e == OK) {
		copy->sealed = str_new(r->seal);
		p->copies.count++;
	}
	return e;
}

static bool copies_there(struct plan *p)
{
	for (size_t i = 0; i < p->remote_count; i++) {
		if (p->copies.count != 0)
			seal_choose(p, &p->remotes[i]);
		if (copy_get(p, p->remotes[i].seal) == NULL)
			return false;
	}
	return true;
}

enum err copies_make(struct plan *p, struct why *why)
{
	struct copy_source s;
	enum err e;

	if (copies_there(p))
		return OK;
	e = copy_begin(&s, p->d, p->m, why);
	p->copies.flags = s.flags;
	for (size_t i = 0; e == OK && i < p->remote_count; i++)
		e = copy_add(p, &s, &p->remotes[i], why);
	copy_end(&s);
	return e;
}

const struct blob_draft *copies_draft(const struct plan *p, const struct plan_remote *r)
{
	return copy_get(p, r->seal)->draft;
}

void copies_free(struct delivery_copies *copies)
{
	for (size_t i = 0; i < copies->count; i++) {
		str_free(&copies->items[i].sealed);
		blob_draft_free(&copies->items[i].draft);
	}
	copies->count = 0;
}
