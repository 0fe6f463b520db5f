/* flow/policy/change.c: see change.h. */
#include "flow/policy/change.h"

#include "foundation/config/limits.h"

#include <string.h>

enum { ADDRESSES = MAILADDR_LITERAL | MAILADDR_UTF8 };

void policy_changes_init(struct policy_changes *c)
{
	*c = (struct policy_changes){ 0 };
	list_init(&c->items);
}

/* --- adding ------------------------------------------------------------------------------ */

/* field-name = 1*ftext					RFC 5322 2.2 */
static bool name_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return false;
	return name.n != 0;
}

/* It may be folded, but every line end must be followed by a blank, so nothing ends the
 * field. */
static bool value_ok(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		char next = i + 1 < value.n ? value.p[i + 1] : '\0';

		if (value.p[i] == '\0' || (value.p[i] == '\r' && next != '\n'))
			return false;
		if (value.p[i] == '\n' && next != ' ' && next != '\t')
			return false;
	}
	return true;
}

static bool address_ok(struct str value, struct arena *a, unsigned flags)
{
	struct mailaddr unused;

	return (flags & MAILADDR_NULL && value.n == 0) || mailaddr_of(value, a, flags, &unused);
}

static enum err change_form_check(const struct policy_change *change, struct arena *a,
                                  struct why *why)
{
	switch (change->kind) {
	case CHANGE_ADD:
	case CHANGE_INSERT:
	case CHANGE_FIELD:
		if (!name_ok(change->name) || !value_ok(change->value))
			return fail(why, ERR_SYNTAX, "no header field");
		return OK;
	case CHANGE_SENDER:
		if (!address_ok(change->value, a, MAILADDR_NULL | ADDRESSES))
			return fail(why, ERR_SYNTAX, "no sender address");
		return OK;
	case CHANGE_RCPT_ADD:
	case CHANGE_RCPT_DELETE:
		if (!address_ok(change->value, a, ADDRESSES))
			return fail(why, ERR_SYNTAX, "no recipient address");
		return OK;
	case CHANGE_BODY:
		if (str_find_byte(change->value, '\0') >= 0)
			return fail(why, ERR_SYNTAX, "a body has no NUL");
		return OK;
	}
	return fail(why, ERR_SYNTAX, "no change");
}

/* --- a body ------------------------------------------------------------------------------ */

/* Filters write the line ends of their system. Anything that another server may take for
 * a line end becomes one, so that forwarded mail keeps its meaning (RFC 5321 2.3.8). out
 * NULL: only count. Returns the bytes. */
static size_t body_copy(struct str body, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < body.n; i++) {
		bool cr = body.p[i] == '\r', end = cr || body.p[i] == '\n';

		if (cr && i + 1 < body.n && body.p[i + 1] == '\n')
			i++;
		if (out != NULL)
			out[n] = end ? '\r' : body.p[i];
		if (out != NULL && end)
			out[n + 1] = '\n';
		n += end ? 2 : 1;
	}
	return n;
}

static struct str body_dup(struct arena *a, struct str body, size_t n)
{
	char *to = arena_alloc(a, n);

	body_copy(body, to);
	return str_from(to, n);
}

enum err policy_changes_add(struct policy_changes *c, struct arena *a,
                            const struct policy_change *change, struct why *why)
{
	bool body = change->kind == CHANGE_BODY;
	size_t value = body ? body_copy(change->value, NULL) : change->value.n;
	size_t bytes = change->name.n + value;
	struct policy_change *new;
	enum err e;

	if (c->count >= LIMIT_policy_changes || bytes > LIMIT_policy_change_bytes - c->bytes)
		return fail(why, ERR_LIMIT, "too many changes of one message");
	if ((e = change_form_check(change, a, why)))
		return e;
	new = arena_new(a, struct policy_change);
	*new = *change;
	new->name = str_dup(a, change->name);
	new->value = body ? body_dup(a, change->value, value) : str_dup(a, change->value);
	list_push_back(&c->items, &new->link);
	c->count++;
	c->bytes += bytes;
	return OK;
}

enum err policy_changes_join(struct policy_changes *c, struct policy_changes *more,
                             struct why *why)
{
	struct list *l;

	if (c->count + more->count > LIMIT_policy_changes ||
	    more->bytes > LIMIT_policy_change_bytes - c->bytes)
		return fail(why, ERR_LIMIT, "too many changes of one message");
	while ((l = list_pop_front(&more->items)) != NULL)
		list_push_back(&c->items, l);
	c->count += more->count;
	c->bytes += more->bytes;
	policy_changes_init(more);
	return OK;
}

bool policy_changes_rewrite(const struct policy_changes *c)
{
	list_each(it, &c->items)
	{
		enum policy_change_kind kind = container_of(it, struct policy_change, link)->kind;

		if (kind <= CHANGE_FIELD || kind == CHANGE_BODY)
			return true;
	}
	return false;
}

/* --- the envelope -------------------------------------------------------------------------- */

static void rcpt_add(struct envelope *e, const struct mailaddr *rcpt)
{
	for (size_t i = 0; i < e->rcpt_count; i++)
		if (mailaddr_equal(&e->rcpts[i].address, rcpt))
			return;
	e->rcpts[e->rcpt_count++] = (struct envelope_rcpt){ .address = *rcpt };
}

static void rcpt_delete(struct envelope *e, const struct mailaddr *rcpt)
{
	size_t n = 0;

	for (size_t i = 0; i < e->rcpt_count; i++)
		if (!mailaddr_equal(&e->rcpts[i].address, rcpt))
			e->rcpts[n++] = e->rcpts[i];
	e->rcpt_count = n;
}

static void envelope_change(struct envelope *e, struct arena *a, const struct policy_change *c)
{
	struct mailaddr addr = { 0 };

	if (c->kind < CHANGE_SENDER || c->kind == CHANGE_BODY)
		return;
	if (c->value.n != 0 && !mailaddr_of(c->value, a, ADDRESSES, &addr))
		return; /* checked when it was added */
	if (c->kind == CHANGE_SENDER)
		e->sender = addr;
	else if (c->kind == CHANGE_RCPT_ADD)
		rcpt_add(e, &addr);
	else
		rcpt_delete(e, &addr);
}

void policy_changes_envelope(const struct policy_changes *c, struct arena *a,
                             struct envelope *envelope)
{
	struct envelope_rcpt *rcpts =
		arena_array(a, struct envelope_rcpt, envelope->rcpt_count + c->count);

	if (envelope->rcpt_count != 0)
		memcpy(rcpts, envelope->rcpts, envelope->rcpt_count * sizeof *rcpts);
	envelope->rcpts = rcpts;
	list_each(it, &c->items)
		envelope_change(envelope, a, container_of(it, struct policy_change, link));
}
