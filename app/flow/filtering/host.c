/* flow/filtering/host.c: see host.h. */
#include "flow/filtering/host.h"

#include "flow/filtering/place.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/settings.h"
#include "foundation/config/version.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/date.h"
#include "model/directory/directory.h"
#include "model/directory/may_send.h"
#include "model/filters/memory.h"
#include "model/filters/scripts.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/metadata.h"
#include "model/store/store.h"

#include <string.h>

enum { PART_MAX = 1024 };

bool filter_host_found(struct filter_host *h, enum err e)
{
	if (e != OK && e != ERR_MISSING && e != ERR_DENIED && e != ERR_SYNTAX && e != ERR_LIMIT &&
	    h->error == OK)
		h->error = e;
	return e == OK;
}

static struct mail_txn host_mail(const struct filter_host *h)
{
	return (struct mail_txn){ h->mail->mailboxes, h->t, h->mail->account, h->mail->account };
}

/* --- the envelope ------------------------------------------------------------------------- */

/* Append a part; false: it was not given. */
typedef bool part_fn(struct filter_host *h, struct buf *out);

static bool part_from(struct filter_host *h, struct buf *out)
{
	mailaddr_put(out, &h->mail->envelope->sender);
	return true;
}

/* The address of RCPT that led to the account (RFC 5228 5.4). */
static bool part_to(struct filter_host *h, struct buf *out)
{
	mailaddr_put(out, envelope_rcpt_written(h->mail->rcpt));
	return true;
}

/* AUTH= of MAIL is the account that logged in (RFC 4954 5). */
static bool part_auth(struct filter_host *h, struct buf *out)
{
	struct account account;
	uint32_t id = h->mail->envelope->submitter;

	if (id == 0 || !filter_host_found(h, account_get(h->t, id, &h->arena, &account)))
		return false;
	buf_put(out, account.address);
	return true;
}

/* RFC 6009 4: "rfc822;user@example.org", without xtext */
static bool part_orcpt(struct filter_host *h, struct buf *out)
{
	struct str orcpt = h->mail->rcpt->orcpt;
	ptrdiff_t semicolon = str_find_byte(orcpt, ';');

	if (semicolon < 0)
		return false;
	buf_put(out, str_sub(orcpt, 0, (size_t)semicolon + 1));
	buf_put(out, envelope_rcpt_named(&h->arena, h->mail->rcpt));
	return true;
}

static bool part_notify(struct filter_host *h, struct buf *out)
{
	dsn_notify_put(out, h->mail->rcpt->notify);
	return out->n != 0;
}

static bool part_ret(struct filter_host *h, struct buf *out)
{
	unsigned flags = h->mail->envelope->flags;

	buf_put(out, flags & ENVELOPE_RET_FULL   ? STR("FULL")
	             : flags & ENVELOPE_RET_HDRS ? STR("HDRS")
	                                         : STR_EMPTY);
	return out->n != 0;
}

static bool part_envid(struct filter_host *h, struct buf *out)
{
	dsn_xtext_decode(out, h->mail->envelope->envid);
	return out->n != 0;
}

static bool part_by_absolute(struct filter_host *h, struct buf *out)
{
	date_put_iso(out, h->mail->envelope->by_ms);
	return h->mail->envelope->by_mode != ENVELOPE_BY_NONE;
}

static bool part_by_relative(struct filter_host *h, struct buf *out)
{
	buf_fmt(out, "%" PRIi64, (h->mail->envelope->by_ms - h->sieve.now_ms) / 1000);
	return h->mail->envelope->by_mode != ENVELOPE_BY_NONE;
}

static bool part_by_mode(struct filter_host *h, struct buf *out)
{
	enum envelope_by mode = h->mail->envelope->by_mode;

	buf_put(out, mode == ENVELOPE_BY_RETURN ? STR("return") : STR("notify"));
	return mode != ENVELOPE_BY_NONE;
}

static bool part_by_trace(struct filter_host *h, struct buf *out)
{
	buf_put(out, h->mail->envelope->by_trace ? STR("trace") : STR_EMPTY);
	return h->mail->envelope->by_mode != ENVELOPE_BY_NONE;
}

static const struct {
	const char *name;
	part_fn *put;
} parts[] = {
	{ "from", part_from },
	{ "to", part_to },
	{ "auth", part_auth },
	{ "orcpt", part_orcpt },
	{ "notify", part_notify },
	{ "ret", part_ret },
	{ "envid", part_envid },
	{ "bytimeabsolute", part_by_absolute },
	{ "bytimerelative", part_by_relative },
	{ "bymode", part_by_mode },
	{ "bytrace", part_by_trace },
};

static void part_learn(struct filter_host *h, size_t at)
{
	char room[PART_MAX];
	struct buf out;

	buf_init_in(&out, room, sizeof room);
	h->parts_given[at] = parts[at].put(h, &out);
	h->parts[at] = str_dup(&h->arena, buf_str(&out));
	h->parts_known[at] = true;
}

/* Conditions of NOTIFY are values of their own (RFC 6009 4). */
static bool host_envelope(void *arg, struct str part, size_t i, struct str *out)
{
	struct filter_host *h = arg;
	size_t at = 0;
	struct cur c;

	while (at < COUNT(parts) && !str_eq(part, str_of(parts[at].name)))
		at++;
	if (at == COUNT(parts) || h->mail->event != NULL)
		return false;
	if (!h->parts_known[at])
		part_learn(h, at);
	*out = h->parts[at];
	if (parts[at].put != part_notify)
		return h->parts_given[at] && i == 0;
	c = cur_of(h->parts[at]);
	for (size_t n = 0; cur_listed(&c, out); n++)
		if (n == i)
			return true;
	return false;
}

bool filter_host_owns(struct filter_host *h, struct mailaddr address)
{
	struct resolve_config config = resolve_config(h->mail->settings);

	return address.domain.n != 0 &&
	       filter_host_found(
		       h, directory_may_send(h->t, h->mail->account, address, &config, NULL));
}

static bool host_own_address(void *arg, struct str text)
{
	struct filter_host *h = arg;
	struct arena a = { 0 };
	struct mailaddr address;
	bool own = mailaddr_of(text, &a, MAILADDR_UTF8 | MAILADDR_LITERAL, &address);

	own = own && (mailaddr_equal(&address, &h->mail->rcpt->address) ||
	              str_eqi(text, envelope_rcpt_named(&a, h->mail->rcpt)) ||
	              filter_host_owns(h, address));
	arena_deinit(&a);
	return own;
}

/* --- environment (RFC 5183 4.1) ------------------------------------------------------------- */

static bool host_environment(void *arg, struct str item, struct str *out)
{
	static const struct filtering_event delivery;
	struct filter_host *h = arg;
	const struct filtering_event *event = h->mail->event ? h->mail->event : &delivery;
	const struct {
		struct str name, value;
	} items[] = {
		{ STR("domain"), h->mail->address.domain },
		{ STR("host"), h->mail->settings->hostname },
		{ STR("location"), h->mail->event ? STR("MS") : STR("MDA") },
		{ STR("name"), STR("Roost") },
		{ STR("phase"), h->mail->event ? STR("post") : STR("during") },
		{ STR("remote-host"), STR_EMPTY },
		{ STR("remote-ip"), h->mail->envelope->session.peer },
		{ STR("version"), str_of(roost_version) },
		/* RFC 6785 4.2: empty at delivery */
		{ STR("imap.user"), event->user },
		{ STR("imap.email"), event->user },
		{ STR("imap.cause"), event->cause },
		{ STR("imap.mailbox"), event->mailbox },
		{ STR("imap.changedflags"), event->changed_flags },
	};

	for (size_t i = 0; i < COUNT(items); i++)
		if (str_eq(item, items[i].name)) {
			*out = items[i].value;
			return true;
		}
	return false;
}

/* --- mailboxes ------------------------------------------------------------------------------ */

static bool host_mailbox_exists(void *arg, struct str name)
{
	struct filter_host *h = arg;
	struct mail_txn m = host_mail(h);
	struct mailbox box;

	return filter_host_found(h, mailbox_find(&m, name, &box));
}

static bool host_special_use(void *arg, struct str name, struct str use)
{
	struct filter_host *h = arg;
	struct mail_txn m = host_mail(h);
	enum mailbox_role role = place_role(use);
	struct mailbox box;

	if (role == ROLE_NONE)
		return false;
	if (name.n == 0)
		return filter_host_found(h, mailbox_find_role(&m, role, &box));
	return filter_host_found(h, mailbox_find(&m, name, &box)) && box.role == role;
}

bool filter_host_leads_to_junk(struct filter_host *h, const struct action_place *place)
{
	struct action_place at = *place;
	struct mail_txn m = host_mail(h);
	struct mailbox box;

	at.create = false;
	return place_given(&at) && filter_host_found(h, place_find(&m, &at, &box)) &&
	       box.role == ROLE_JUNK;
}

static bool host_mailbox_id(void *arg, struct str id)
{
	struct filter_host *h = arg;
	struct mail_txn m = host_mail(h);
	struct mailbox box;

	return filter_host_found(h, place_find_id(&m, id, &box));
}

static bool host_metadata(void *arg, struct str mailbox, struct str name, struct str *out)
{
	struct filter_host *h = arg;
	struct mail_txn m = host_mail(h);
	struct mailbox box = { 0 };
	char lower[METADATA_NAME_MAX];

	if (name.n > sizeof lower || !metadata_name_valid(name, false))
		return false;
	if (mailbox.n == 0)
		m.account = 0;
	else if (!filter_host_found(h, mailbox_find(&m, mailbox, &box)))
		return false;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = ascii_lower(name.p[i]);
	name = str_from(lower, name.n);
	return !str_eq(name, METADATA_SEEN) &&
	       filter_host_found(h, metadata_get(&m, box.id, name, out));
}

/* --- memory --------------------------------------------------------------------------------- */

struct str filter_host_key(char *room, const char *kind, struct str a, struct str b)
{
	uint8_t hash[HASH_BYTES];
	struct buf key, both;

	buf_init(&both, a.n + b.n + 32);
	buf_fmt(&both, "%zu ", a.n);
	buf_put(&both, a);
	buf_put(&both, b);
	hash_sha256(buf_str(&both), hash);
	buf_deinit(&both);
	buf_init_in(&key, room, HOST_KEY_MAX - 1);
	buf_fmt(&key, "%s ", kind);
	for (size_t i = 0; i < HASH_BYTES && buf_ok(&key); i++)
		buf_fmt(&key, "%02x", hash[i]);
	room[key.n] = '\0';
	return buf_str(&key);
}

static bool is_noted(const struct filter_host *h, struct str key)
{
	for (size_t i = 0; i < h->duplicates_n; i++)
		if (str_eq(str_of(h->duplicates[i].key), key))
			return true;
	return false;
}

/* A new id is noted, and with :last also a known one (RFC 7352 3.3). More than HOST_DUPLICATES ids
 * of one run are not remembered. */
static bool host_duplicate_test(void *arg, const struct sieve_duplicate *d)
{
	struct filter_host *h = arg;
	char room[HOST_KEY_MAX];
	struct str key = filter_host_key(room, "duplicate", d->handle, d->id);
	struct host_duplicate *note;
	bool known = false;

	if (!filter_host_found(
		    h, filter_memory_known(h->t, h->mail->account, key, h->sieve.now_ms, &known)))
		return false;
	if ((known && !d->last) || is_noted(h, key) || h->duplicates_n == HOST_DUPLICATES)
		return known;
	if (h->duplicates == NULL)
		h->duplicates = arena_array(&h->arena, struct host_duplicate, HOST_DUPLICATES);
	note = &h->duplicates[h->duplicates_n++];
	memcpy(note->key, room, sizeof room);
	note->seconds = (uint32_t)MIN(d->seconds, (uint64_t)UINT32_MAX);
	return known;
}

/* --- scripts -------------------------------------------------------------------------------- */

/* In h->arena. */
static const struct host_compiled *host_compile(struct filter_host *h, struct str text)
{
	struct host_compiled *c = arena_new(&h->arena, struct host_compiled);
	struct sieve_errors errors;
	struct arena a = { 0 };

	c->text = text;
	if (script_compile(&a, text, &c->program, &errors))
		c->program = str_dup(&h->arena, c->program);
	else
		c->error = errors.items[0];
	c->error.text = str_dup(&h->arena, c->error.text);
	c->next = h->compiled;
	h->compiled = c;
	arena_deinit(&a);
	return c;
}

bool filter_host_program(struct filter_host *h, struct str text, struct str stored,
                         struct str *program, struct sieve_error *why)
{
	const struct host_compiled *c = h->compiled;

	*program = stored;
	if (sieve_program_current(stored))
		return true;
	while (c != NULL && (c->text.p != text.p || c->text.n != text.n))
		c = c->next;
	if (c == NULL)
		c = host_compile(h, text);
	*program = c->program;
	*why = c->error;
	return c->program.n != 0;
}

struct sieve_limits filter_limits(const struct settings *s)
{
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;

	limits.redirects = (uint32_t)s->sieve_redirects_max;
	limits.time_ms = (uint32_t)MIN(s->sieve_time_max_s, (uint64_t)600) * 1000;
	return limits;
}

enum err filter_domain_runs(struct txn *t, const struct filtering_mail *m, bool *out)
{
	struct account account;
	enum err e = account_get(t, m->account, txn_arena(t), &account);

	*out = e == OK && account.role == ROLE_USER;
	return e == ERR_MISSING ? OK : e;
}

static bool domain_script(struct filter_host *h, struct str name, struct script *out)
{
	const struct script_owner domain = { .domain = h->mail->address.domain };
	bool runs = false;

	return filter_host_found(h, filter_domain_runs(h->t, h->mail, &runs)) && runs &&
	       filter_host_found(h, script_get(h->t, &domain, name, out));
}

/* :global is the library of the domain, then that of the server (model/filters/scripts.h). */
static bool host_script(void *arg, bool global, struct str name, struct str *program)
{
	struct filter_host *h = arg;
	const struct script_owner account = { .account = h->mail->account };
	const struct script_owner server = { 0 };
	struct sieve_error why;
	struct script script;

	return ((global ? domain_script(h, name, &script)
	                : filter_host_found(h, script_get(h->t, &account, name, &script))) ||
	        (global && script_stage(&server, name) == SIEVE_DELIVERY &&
	         filter_host_found(h, script_get(h->t, &server, name, &script)))) &&
	       filter_host_program(h, script.text, script.program, program, &why);
}

/* --- the rest ------------------------------------------------------------------------------- */

/* The checks of policy/ store a verdict and no score: quarantined mail is certainly spam, other
 * mail was not tested. */
bool filter_host_is_junk(const struct filter_host *h)
{
	return actions_quarantined(h->mail->rcpt->actions).n != 0;
}

static bool host_score(void *arg, enum sieve_score of, unsigned *percent)
{
	*percent = 100;
	return of == SIEVE_SPAM && filter_host_is_junk(arg);
}

static int64_t host_clock_ms(void *arg)
{
	(void)arg;
	return clock_mono_ms();
}

void filter_host_init(struct filter_host *h, const struct filtering_mail *mail, struct txn *t)
{
	*h = (struct filter_host){ .mail = mail, .t = t };
	h->sieve = (struct sieve_host){ .imap_event = mail->event != NULL,
		                        .envelope = host_envelope,
		                        .own_address = host_own_address,
		                        .environment = host_environment,
		                        .mailbox_exists = host_mailbox_exists,
		                        .special_use = host_special_use,
		                        .mailbox_id = host_mailbox_id,
		                        .metadata = host_metadata,
		                        .duplicate = host_duplicate_test,
		                        .script = host_script,
		                        .score = host_score,
		                        .clock_ms = host_clock_ms,
		                        .arg = h,
		                        .now_ms = clock_real_ms() };
}

void filter_host_deinit(struct filter_host *h)
{
	arena_deinit(&h->arena);
}
