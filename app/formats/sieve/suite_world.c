/* formats/sieve/suite_world.c: what runs of tested scripts see; see suite_world.h. */
#include "formats/sieve/suite_world.h"

#include "foundation/base/cur.h"
#include "foundation/text/date.h"

enum { SCRIPT_BYTES = 1 << 20 };

void suite_pair_set(struct sieve_suite *s, struct suite_pair **list, struct str name,
                    struct str value)
{
	while (*list != NULL && !str_eq((*list)->name, name))
		list = &(*list)->next;
	if (*list == NULL) {
		*list = arena_new(&s->arena, struct suite_pair);
		(*list)->name = str_dup(&s->arena, name);
	}
	(*list)->value = str_dup(&s->arena, value);
}

bool suite_pair_get(const struct suite_pair *list, struct str name, struct str *value)
{
	while (list != NULL && !str_eq(list->name, name))
		list = list->next;
	if (list != NULL)
		*value = list->value;
	return list != NULL;
}

bool suite_setting(const struct sieve_suite *s, const char *prefix, struct str name,
                   struct str *value)
{
	struct str p = str_of(prefix);

	for (const struct suite_pair *i = s->settings; i != NULL; i = i->next) {
		if (str_starts(i->name, p) && str_eqi(str_sub(i->name, p.n, i->name.n), name)) {
			*value = i->value;
			return true;
		}
	}
	return false;
}

static int64_t setting_number(const struct sieve_suite *s, const char *name, int64_t otherwise)
{
	struct str value;
	uint32_t n;
	struct cur c;
	bool negative;

	if (!suite_setting(s, "", str_of(name), &value))
		return otherwise;
	c = cur_of(value);
	negative = cur_byte(&c, '-');
	if (!cur_u32(&c, &n))
		return otherwise;
	return negative ? -(int64_t)n : (int64_t)n;
}

void suite_error_add(struct sieve_suite *s, struct str text)
{
	struct suite_pair **end = &s->errors;

	while (*end != NULL)
		end = &(*end)->next;
	*end = arena_new(&s->arena, struct suite_pair);
	(*end)->name = str_dup(&s->arena, text);
}

struct suite_mailbox *suite_mailbox_find(struct sieve_suite *s, struct str name, bool create)
{
	struct suite_mailbox **at = &s->mailboxes;

	while (*at != NULL && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at == NULL && (create || str_eqi(name, STR("INBOX")))) {
		*at = arena_new(&s->arena, struct suite_mailbox);
		(*at)->name = str_dup(&s->arena, name);
	}
	return *at;
}

/* --- the host ----------------------------------------------------------------------------- */

/* Item i of a list with commas. */
static bool listed(struct str list, size_t i, struct str *out)
{
	struct cur c = cur_of(list);

	while (cur_listed(&c, out))
		if (i-- == 0)
			return true;
	return false;
}

static bool world_envelope(void *arg, struct str part, size_t i, struct str *out)
{
	struct sieve_suite *s = arg;
	struct str list;

	if (suite_setting(s, "envelope.", part, &list))
		return listed(list, i, out);
	*out = str_eq(part, STR("from")) ? s->from : str_eq(part, STR("to")) ? s->to : s->auth;
	return i == 0 && (str_eq(part, STR("from")) || str_eq(part, STR("to")) ||
	                  (str_eq(part, STR("auth")) && s->auth.n != 0));
}

static bool world_own_address(void *arg, struct str address)
{
	const struct sieve_suite *s = arg;
	struct str user = STR("testsuite-mail-user@example.org");

	(void)suite_setting(s, "", STR("sieve_user_email"), &user);
	return str_eqi(address, user) || str_eqi(address, s->orig_to);
}

static bool world_environment(void *arg, struct str item, struct str *out)
{
	return suite_setting(arg, "env.", item, out);
}

static bool world_mailbox_exists(void *arg, struct str mailbox)
{
	return suite_mailbox_find(arg, mailbox, false) != NULL;
}

static bool world_special_use(void *arg, struct str mailbox, struct str use)
{
	const struct sieve_suite *s = arg;
	struct str p = STR("special_use.");

	for (const struct suite_pair *i = s->settings; i != NULL; i = i->next)
		if (str_starts(i->name, p) && str_eqi(i->value, use) &&
		    (mailbox.n == 0 || str_eq(str_sub(i->name, p.n, i->name.n), mailbox)))
			return true;
	return false;
}

static bool world_mailbox_id(void *arg, struct str id)
{
	struct str mailbox;

	return suite_setting(arg, "mailbox_id.", id, &mailbox);
}

static struct str metadata_key(struct arena *a, struct str mailbox, struct str name)
{
	return str_fmt(a, "%.*s\n%.*s", STR_ARG(mailbox), STR_ARG(name));
}

static bool world_metadata(void *arg, struct str mailbox, struct str name, struct str *out)
{
	struct sieve_suite *s = arg;

	return suite_pair_get(s->metadata, metadata_key(&s->arena, mailbox, name), out);
}

/* Noted when the results are carried out. */
static bool world_duplicate(void *arg, const struct sieve_duplicate *d)
{
	struct sieve_suite *s = arg;
	struct str key = str_fmt(&s->arena, "duplicate %.*s\n%.*s", STR_ARG(d->handle),
	                         STR_ARG(d->id));
	struct str value;
	bool seen = suite_pair_get(s->noted, key, &value);

	suite_pair_set(s, &s->noting, key, STR_EMPTY);
	return seen;
}

static bool world_list_has(void *arg, struct str list, struct str value, bool *known)
{
	struct str items, item;

	*known = suite_setting(arg, "list.", list, &items);
	for (size_t i = 0; *known && value.n != 0 && listed(items, i, &item); i++)
		if (str_eqi(item, value))
			return true;
	return false;
}

static bool world_score(void *arg, enum sieve_score of, unsigned *percent)
{
	int64_t n = setting_number(arg, of == SIEVE_SPAM ? "spam_percent" : "virus_percent", -1);

	*percent = n >= 0 && n <= 100 ? (unsigned)n : 0;
	return n >= 0;
}

static bool suite_script_compile(struct sieve_suite *s, struct str text, struct str *program)
{
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT };
	struct sieve_errors errors;
	struct buf out;
	bool ok;

	buf_init(&out, SIEVE_PROGRAM_MAX);
	ok = sieve_compile(&s->arena, text, &options, &out, &errors);
	for (size_t i = 0; i < errors.n; i++)
		suite_error_add(s, errors.items[i].text);
	if (ok)
		*program = str_dup(&s->arena, buf_str(&out));
	buf_deinit(&out);
	return ok;
}

static bool world_script(void *arg, bool global, struct str name, struct str *program)
{
	struct sieve_suite *s = arg;
	const char *folder = global ? "included-global" : "included";
	struct str path = str_fmt(&s->arena, "%s/%.*s.sieve", folder, STR_ARG(name));
	struct buf text;
	bool ok;

	buf_init(&text, SCRIPT_BYTES);
	ok = str_find_byte(name, '/') < 0 && s->host->read(s->host->arg, path, &text) &&
	     suite_script_compile(s, buf_str(&text), program);
	buf_deinit(&text);
	return ok;
}

struct sieve_host suite_host_of(struct sieve_suite *s)
{
	struct str text = STR_EMPTY;
	int64_t now_ms = s->host->now_ms;
	struct cur c;

	(void)suite_setting(s, "", STR("now"), &text);
	c = cur_of(text);
	(void)date_parse_iso(&c, &now_ms);
	return (struct sieve_host){ .envelope = world_envelope,
		                    .own_address = world_own_address,
		                    .environment = world_environment,
		                    .mailbox_exists = world_mailbox_exists,
		                    .special_use = world_special_use,
		                    .mailbox_id = world_mailbox_id,
		                    .metadata = world_metadata,
		                    .duplicate = world_duplicate,
		                    .script = world_script,
		                    .list_has = world_list_has,
		                    .score = world_score,
		                    .arg = s,
		                    .now_ms = now_ms,
		                    .zone_min = (int)setting_number(s, "zone_minutes", 0),
		                    .imap_event = suite_setting(s, "", STR("imap_event"), &text) };
}

struct sieve_limits suite_limits_of(const struct sieve_suite *s)
{
	struct sieve_limits limits = SIEVE_LIMITS_DEFAULT;

	limits.redirects =
	    (uint32_t)setting_number(s, "sieve_max_redirects", (int64_t)limits.redirects);
	limits.actions = (uint32_t)setting_number(s, "sieve_max_actions", (int64_t)limits.actions);
	return limits;
}

bool suite_compile(struct sieve_suite *s, struct str text)
{
	return suite_script_compile(s, text, &s->program);
}

bool suite_run(struct sieve_suite *s, const struct sieve_message *m)
{
	struct suite_run *run = arena_new(&s->arena, struct suite_run), **end = &s->runs;
	struct sieve_host host = suite_host_of(s);
	struct sieve_limits limits = suite_limits_of(s);

	while (*end != NULL)
		end = &(*end)->next;
	*end = run;
	run->message = *m;
	sieve_run(&run->arena, s->program, &run->message, &host, &limits, &run->result);
	if (run->result.error.n != 0)
		suite_error_add(s, run->result.error);
	return run->result.error.n == 0;
}

void suite_runs_reset(struct sieve_suite *s)
{
	struct suite_run **end = &s->old_runs;

	while (*end != NULL)
		end = &(*end)->next;
	*end = s->runs;
	s->runs = NULL;
	s->noting = NULL;
}

void suite_world_deinit(struct sieve_suite *s)
{
	suite_runs_reset(s);
	for (struct suite_run *run = s->old_runs; run != NULL; run = run->next)
		arena_deinit(&run->arena);
	arena_deinit(&s->arena);
}
