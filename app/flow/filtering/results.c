/* flow/filtering/results.c: see results.h. */
#include "flow/filtering/results.h"

#include "formats/message/header.h"
#include "foundation/crypto/hash.h"

enum {
	FAILURE_SECONDS = 86400,
	REDIRECT_SECONDS = 12 * 3600,
	ONCE_SECONDS_MAX = 365 * 86400,
	NOTIFICATIONS_MAX = 20
};

static bool results_error(struct results *x, const struct sieve_action *s, struct str error)
{
	x->error_line = s->line;
	x->error = error;
	return false;
}

/* "script main, line 12: fileinto" */
static struct str why_of(const struct results *x, const struct sieve_action *s, const char *what)
{
	return str_fmt(x->a, "%.*s, line %" PRIu32 ": %s", STR_ARG(x->name), s->line, what);
}

static struct action *action_new(struct results *x, const struct sieve_action *s,
                                 enum action_kind kind, const char *what)
{
	struct action *action = actions_add(x->a, &x->list, kind);

	action->why = why_of(x, s, what);
	return action;
}

/* Edits of the last call with the same number are used again: most scripts edit first. */
bool results_header(struct results *x, size_t edits, struct str *out)
{
	struct buf header;
	bool fits;

	*out = edits == 0 && !x->edited ? STR_EMPTY : x->header;
	if ((edits == 0 && !x->edited) || (edits == x->header_edits && x->header.n != 0))
		return true;
	buf_init(&header, RESULTS_HEADERS_MAX - x->header_bytes + 1);
	sieve_header_put(&header, x->message, x->result, edits);
	fits = buf_ok(&header) && x->header_bytes + header.n <= RESULTS_HEADERS_MAX;
	if (fits) {
		x->header = *out = str_dup(x->a, buf_str(&header));
		x->header_edits = edits;
		x->header_bytes += header.n;
	}
	buf_deinit(&header);
	return fits;
}

static bool header_give(struct results *x, const struct sieve_action *s, struct str *out)
{
	return results_header(x, s->edits, out) ||
	       results_error(x, s, STR("The script makes too many different headers"));
}

bool results_message(struct results *x, size_t edits, size_t changes, struct str *out)
{
	struct buf message;
	bool fits;

	*out = changes == 0 && !x->replaced ? STR_EMPTY : x->whole;
	if ((changes == 0 && !x->replaced) ||
	    (x->whole.n != 0 && edits == x->whole_edits && changes == x->whole_changes))
		return true;
	if (x->wholes == RESULTS_WHOLES_MAX)
		return false;
	buf_init(&message, 2 * x->message->raw.n + RESULTS_MESSAGE_MAX);
	sieve_message_put(&message, x->message, x->result, edits, changes);
	fits = buf_ok(&message);
	if (fits) {
		x->whole = *out = str_dup(x->a, buf_str(&message));
		x->whole_edits = edits;
		x->whole_changes = changes;
		x->wholes++;
	}
	buf_deinit(&message);
	return fits;
}

static bool message_give(struct results *x, const struct sieve_action *s, struct str *out)
{
	return results_message(x, s->edits, s->changes, out) ||
	       results_error(x, s, STR("The script makes too many different messages"));
}

/* --- one action --------------------------------------------------------------------------- */

static void keep_flags(struct results *x, struct str flags)
{
	x->keep.place.flags = str_dup(x->a, flags);
	x->keep.place.has_flags = true;
}

static bool add_keep(struct results *x, const struct sieve_action *s)
{
	x->keeps = x->changed = true;
	x->keep.why = why_of(x, s, "keep");
	if (s->has_flags)
		keep_flags(x, s->flags);
	return header_give(x, s, &x->keep.header) && message_give(x, s, &x->keep.replaced);
}

static bool add_fileinto(struct results *x, const struct sieve_action *s)
{
	struct action *action = action_new(x, s, ACTION_KEEP, "fileinto");

	action->place = (struct action_place){ .mailbox = str_dup(x->a, s->target),
		                               .special_use = str_dup(x->a, s->special_use),
		                               .mailbox_id = str_dup(x->a, s->mailbox_id),
		                               .create = s->create,
		                               .flags = str_dup(x->a, s->flags),
		                               .has_flags = s->has_flags };
	return header_give(x, s, &action->header) && message_give(x, s, &action->replaced);
}

/* The same for each copy of a message: Message-ID or, without one, its text and the fields that no
 * server changes; and the list that sent it. */
static struct str message_identity(const struct results *x)
{
	static const char *const fields[] = { "List-Id", "Message-ID", "Date", "From", "Subject" };
	struct str raw = x->message->raw, header = str_sub(raw, 0, header_size(raw));
	char *hash = arena_alloc(x->a, HASH_BYTES);
	struct header_field field;
	struct hash_sha256 h;
	bool named = false;

	hash_sha256_init(&h);
	for (size_t i = 0; i < COUNT(fields) && !named; i++) {
		bool found = header_find(header, str_of(fields[i]), &field);

		hash_sha256_update(&h, found ? str_trim(field.value) : STR_EMPTY);
		hash_sha256_update(&h, STR("\n"));
		named = found && i == 1;
	}
	if (!named)
		hash_sha256_update(&h, str_sub(raw, header.n, raw.n));
	hash_sha256_final(&h, (uint8_t *)hash);
	return str_from(hash, HASH_BYTES);
}

/* Against accounts that redirect to each other: their number of copies would double with each
 * account. A script of an event runs because a user acts. */
static void redirect_once(struct results *x, struct action *action)
{
	struct str address = str_lower(x->a, mailaddr_text(x->a, &action->address));
	char room[HOST_KEY_MAX];

	if (x->host->mail->event != NULL)
		return;
	action->once = str_dup(
		x->a, filter_host_key(room, "redirect", address, message_identity(x)));
	action->once_seconds = REDIRECT_SECONDS;
}

static bool add_redirect(struct results *x, const struct sieve_action *s)
{
	struct action *action = action_new(x, s, ACTION_REDIRECT, "redirect");

	if (s->list)
		return results_error(x, s,
		                     str_fmt(x->a, "There is no list \"%.*s\" to redirect to",
		                             STR_ARG(str_sub(s->target, 0, 80))));
	if (!mailaddr_of(str_dup(x->a, s->target), x->a, MAILADDR_UTF8 | MAILADDR_LITERAL,
	                 &action->address))
		return results_error(x, s, STR("The address to redirect to is not valid"));
	if (s->notify.n != 0 && !dsn_notify_parse(s->notify, &action->notify))
		return results_error(x, s, STR("The value of \":notify\" is not valid"));
	redirect_once(x, action);
	action->ret = str_lower(x->a, s->ret);
	action->by_ms = s->by_ms;
	action->by_return = s->by_ms != 0 && !s->by_notify;
	action->by_trace = s->by_trace;
	/* "This action does not affect messages that are forwarded" (RFC 5703 6): nor does the
	 * header that belongs to it */
	return s->changes != 0 || x->replaced || header_give(x, s, &action->header);
}

static bool add_discard(struct results *x, const struct sieve_action *s)
{
	(void)action_new(x, s, ACTION_DISCARD, "discard");
	return true;
}

static bool add_reject(struct results *x, const struct sieve_action *s)
{
	bool report = s->kind == SIEVE_REJECT;
	struct action *action = action_new(x, s, ACTION_REJECT, report ? "reject" : "ereject");

	action->text = str_dup(x->a, s->text);
	action->report = report;
	return true;
}

/* A message that is not sent, and why. */
static bool add_note(struct results *x, const struct sieve_action *s, const char *what,
                     struct str reason)
{
	struct action *note = actions_add(x->a, &x->list, ACTION_NOTE);

	note->why = str_fmt(x->a, "%.*s, line %" PRIu32 ": %s not sent: %.*s", STR_ARG(x->name),
	                    s->line, what, STR_ARG(reason));
	return true;
}

/* RFC 8580 3 */
static void fcc_give(struct results *x, const struct sieve_action *s, struct action *action)
{
	action->has_fcc = s->fcc.n != 0;
	action->place = (struct action_place){
		.mailbox = str_dup(x->a, s->fcc),
		.special_use = str_dup(x->a, s->fcc_special_use),
		.mailbox_id = str_dup(x->a, s->fcc_mailbox_id),
		.create = s->fcc_create,
		.flags = str_dup(x->a, s->fcc_flags),
	};
}

static bool add_vacation(struct results *x, const struct sieve_action *s)
{
	struct action *action;
	char room[HOST_KEY_MAX];
	struct mailaddr to;

	if (s->suppressed.n != 0)
		return add_note(x, s, "vacation", s->suppressed);
	if (filter_host_is_junk(x->host)) /* its sender is likely forged */
		return add_note(x, s, "vacation", STR("The message is quarantined"));
	if (!mailaddr_of(str_dup(x->a, s->recipient), x->a, MAILADDR_UTF8 | MAILADDR_LITERAL, &to))
		return add_note(x, s, "vacation", STR("The sender is not a mail address"));
	action = action_new(x, s, ACTION_REPLY, "vacation");
	action->address = to;
	action->message = letter_vacation(x, s, &to);
	/* RFC 5230 4.2, RFC 6131 2: with 0 seconds each message gets an answer */
	action->once_seconds = (uint32_t)MIN(s->seconds, (uint64_t)ONCE_SECONDS_MAX);
	if (s->seconds != 0)
		action->once = str_dup(x->a, filter_host_key(room, "vacation", s->handle,
		                                             str_lower(x->a, s->recipient)));
	fcc_give(x, s, action);
	return action->message.n != 0 || results_error(x, s, STR("The answer is too long"));
}

/* "they SHOULD NOT send duplicate notifications to the same address" (RFC 5436 2.7) */
static bool is_notified(const struct results *x, const struct mailaddr *address, size_t *n)
{
	*n = 0;
	for (const struct action *a = x->list; a != NULL; a = a->next)
		if (a->kind == ACTION_NOTIFY && mailaddr_equal(&a->address, address))
			return true;
		else
			*n += a->kind == ACTION_NOTIFY;
	return false;
}

static bool add_notify(struct results *x, const struct sieve_action *s)
{
	struct sieve_mailto to;
	struct str message;

	if (!sieve_mailto_parse(x->a, s->target, &to))
		return results_error(x, s,
		                     str_fmt(x->a, "\"%.*s\" is not a mailto URI with an address",
		                             STR_ARG(str_sub(s->target, 0, 80))));
	if (s->suppressed.n != 0)
		return add_note(x, s, "notify", s->suppressed);
	message = letter_notify(x, s, &to);
	if (message.n == 0)
		return results_error(x, s, STR("The notification is too long"));
	for (size_t i = 0; i < to.n; i++) {
		struct action *action;
		size_t n;

		if (is_notified(x, &to.addresses[i], &n))
			continue;
		if (n == NOTIFICATIONS_MAX)
			return results_error(x, s, STR("The script sends too many notifications"));
		action = action_new(x, s, ACTION_NOTIFY, "notify");
		action->address = to.addresses[i];
		action->message = message;
		if (i == 0)
			fcc_give(x, s, action);
	}
	return true;
}

typedef bool result_fn(struct results *x, const struct sieve_action *s);

static result_fn *const result_fns[SIEVE_ACTION_KINDS] = {
	[SIEVE_KEEP] = add_keep,         [SIEVE_FILEINTO] = add_fileinto,
	[SIEVE_REDIRECT] = add_redirect, [SIEVE_DISCARD] = add_discard,
	[SIEVE_REJECT] = add_reject,     [SIEVE_EREJECT] = add_reject,
	[SIEVE_VACATION] = add_vacation, [SIEVE_NOTIFY] = add_notify,
};

/* --- a program ---------------------------------------------------------------------------- */

/* RFC 5228 2.10.2, RFC 5232 5 */
static bool implicit_keep(struct results *x)
{
	const struct sieve_result *r = x->result;
	const struct sieve_action last = { .edits = r->edits_n, .changes = r->changes_n };

	x->keeps = true;
	if (r->implicit_has_flags)
		keep_flags(x, r->implicit_flags);
	if (!header_give(x, &last, &x->keep.header) || !message_give(x, &last, &x->keep.replaced))
		return false;
	x->changed |= r->implicit_has_flags || r->edits_n != 0 || r->changes_n != 0;
	if (x->keep.why.n == 0)
		x->keep.why = str_fmt(x->a, "%.*s: implicit keep", STR_ARG(x->name));
	return true;
}

/* RFC 7352 3.1: only after a run without an error */
static void duplicates_add(struct results *x)
{
	for (size_t i = 0; i < x->host->duplicates_n; i++) {
		const struct host_duplicate *d = &x->host->duplicates[i];
		struct action *action = actions_add(x->a, &x->list, ACTION_REMEMBER);

		action->why = str_fmt(x->a, "%.*s: duplicate", STR_ARG(x->name));
		action->once = str_dup(x->a, str_of(d->key));
		action->once_seconds = d->seconds;
	}
}

static bool program_add(struct results *x)
{
	x->keeps = false;
	for (const struct sieve_action *s = x->result->actions; s != NULL; s = s->next)
		if (!result_fns[s->kind](x, s))
			return false;
	if (x->result->implicit_keep && !implicit_keep(x))
		return false;
	duplicates_add(x);
	return true;
}

/* Cut the list after its first n actions. */
static void list_cut(struct action **list, size_t n)
{
	while (n-- > 0)
		list = &(*list)->next;
	*list = NULL;
}

static size_t list_count(const struct action *list)
{
	size_t n = 0;

	for (; list != NULL; list = list->next)
		n++;
	return n;
}

bool results_add(struct results *x, struct str name, const struct sieve_result *result)
{
	const struct action keep = x->keep;
	const bool changed = x->changed;
	size_t before = list_count(x->list);

	x->name = name;
	x->result = result;
	if (program_add(x))
		return true;
	list_cut(&x->list, before);
	x->keep = keep;
	x->changed = changed;
	return false;
}

void results_init(struct results *x, struct filter_host *host, const struct sieve_message *message,
                  struct arena *a)
{
	const struct action *keep = actions_find(host->mail->rcpt->actions, ACTION_KEEP);

	*x = (struct results){ .host = host, .message = message, .a = a, .keeps = true };
	if (keep != NULL)
		x->keep = *keep;
	x->keep.kind = ACTION_KEEP;
	x->keep.next = NULL;
	for (const struct action *c = host->mail->rcpt->actions; c != NULL; c = c->next)
		if (c->kind != ACTION_KEEP) {
			struct action *copy = actions_add(a, &x->list, c->kind);

			*copy = *c;
			copy->next = NULL;
			x->given++;
		}
}

void results_fail(struct results *x, struct str name, uint32_t line, struct str error, bool notify)
{
	struct action *notice;

	x->name = name;
	x->keeps = x->changed = true;
	x->keep.why = str_fmt(x->a, "%.*s failed in line %" PRIu32 ": %.*s", STR_ARG(name), line,
	                      STR_ARG(error));
	if (!notify)
		return;
	notice = actions_add(x->a, &x->list, ACTION_NOTIFY);
	notice->why = str_fmt(x->a, "%.*s failed", STR_ARG(name));
	notice->address = x->host->mail->address;
	notice->message = letter_failure(x, line, error);
	notice->once = STR("filter error");
	notice->once_seconds = FAILURE_SECONDS;
}

const struct action *results_end(struct results *x)
{
	if (x->keeps && !x->changed && list_count(x->list) == x->given)
		return NULL;
	if (x->keeps)
		*actions_add(x->a, &x->list, ACTION_KEEP) = x->keep;
	return x->list;
}
