/* console/cli/transfer.c: `roost account import-...` and `account export`: mail moves in and
 * out. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "formats/message/mime.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "model/directory/directory.h"
#include "model/mailbox/mail.h"
#include "network/dns/dns.h"
#include "network/tls/trust.h"
#include "operations/transfer/transfer.h"

#include <stdlib.h>
#include <string.h>

/* One command: the account's store, and what it does there. */
struct moving {
	struct transfer transfer;
	struct mailboxes mailboxes;
	struct progress progress;
	struct str address;
	const char *path;
	struct str mailbox;
	bool mbox;
};

static const struct mailboxes mailboxes = {
	.mailboxes_max = LIMIT_mailboxes,
	.keywords_max = LIMIT_keywords,
	.name_max = LIMIT_mailbox_name,
	.acl_max = LIMIT_acl,
	.changes_kept = LIMIT_changes_kept,
};
static const struct message_limits message_limits = {
	.depth = LIMIT_mime_depth,
	.parts = LIMIT_mime_parts,
	.header_bytes = LIMIT_mime_header,
	.params = LIMIT_mime_params,
	.addresses = LIMIT_mime_address_list,
	.all_params = LIMIT_mime_params_all,
	.all_addresses = LIMIT_mime_addresses,
	.memory_bytes = LIMIT_mime_memory,
};

static enum err account_look(struct txn *t, void *arg)
{
	struct moving *m = arg;
	struct account account;
	enum err e = account_find(t, m->address, txn_arena(t), &account);

	m->transfer.account = e == OK ? account.id : 0;
	return e;
}

typedef enum err moving_fn(const struct moving *m, struct why *why);

static int move(const struct settings *s, struct moving *m, const char *verb, moving_fn *fn)
{
	struct beside *beside = NULL;
	struct why why = { "" };
	int status = EXIT_SUCCESS;
	enum err e;

	progress_init(&m->progress);
	m->transfer.watch = &m->progress.watch;
	m->mailboxes = mailboxes;
	m->transfer.mailboxes = &m->mailboxes;
	m->transfer.limits = &message_limits;
	m->transfer.store = command_store(s, false);
	if (m->transfer.store == NULL)
		return EXIT_FAILURE;
	beside = beside_new(s->data);
	m->mailboxes.watches = beside_watches(beside);
	e = store_read(m->transfer.store, account_look, m);
	e = e ? fail(&why, e, "no account %.*s", STR_ARG(m->address)) : fn(m, &why);
	progress_end(&m->progress, verb);
	if (e != OK)
		status = command_failed("account", &why);
	store_close(&m->transfer.store);
	beside_free(&beside);
	return status;
}

static enum err maildir(const struct moving *m, struct why *why)
{
	return transfer_maildir(&m->transfer, m->path, why);
}

int cli_account_import_maildir(const struct settings *s, int argc, char **argv)
{
	struct moving m = { .address = str_of(argv[0]), .path = argv[1] };

	(void)argc;
	return move(s, &m, "brought", maildir);
}

static enum err mbox(const struct moving *m, struct why *why)
{
	return transfer_mbox(&m->transfer, m->path, m->mailbox, why);
}

int cli_account_import_mbox(const struct settings *s, int argc, char **argv)
{
	struct moving m = { .address = str_of(argv[0]),
		            .path = argv[1],
		            .mailbox = argc > 2 ? str_of(argv[2]) : STR("INBOX") };

	return move(s, &m, "brought", mbox);
}

static enum err export(const struct moving *m, struct why *why) {
	return transfer_export(&m->transfer, m->path, m->mbox, why);
}

int cli_account_export(const struct settings *s, int argc, char **argv)
{
	struct moving m = { .address = str_of(argv[0]), .path = argv[1] };

	if (argc == 3 && strcmp(argv[2], "--mbox") != 0)
		return EXIT_USAGE;
	m.mbox = argc == 3;
	return move(s, &m, "written", export);
}

/* --- from another server ------------------------------------------------------------------ */

struct pulling {
	struct moving m; /* first: moving_fn gets it */
	struct transfer_pull from;
};

static int hex(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "%40" and the like (RFC 3986 2.1). */
static struct str unescape(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool two = s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 &&
		           hex(s.p[i + 2]) >= 0;

		p[n++] = two ? (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])) : s.p[i];
		i += two ? 2 : 0;
	}
	return str_from(p, n);
}

/* imaps://user@host[:port] or imap://... (RFC 5092); the user's own "@" may be plain. */
static bool url_parse(struct str url, struct arena *a, struct transfer_pull *out)
{
	struct cur c = cur_of(url);
	struct str rest, port = STR_EMPTY;
	ptrdiff_t at, colon;
	uint32_t n;

	out->tls_first = cur_stri(&c, STR("imaps://"));
	if (!out->tls_first && !cur_stri(&c, STR("imap://")))
		return false;
	rest = cur_rest(&c);
	if (str_ends(rest, STR("/")))
		rest = str_sub(rest, 0, rest.n - 1);
	if ((at = str_rfind_byte(rest, '@')) <= 0)
		return false;
	out->user = unescape(a, str_sub(rest, 0, (size_t)at));
	out->host = str_sub(rest, (size_t)at + 1, rest.n);
	out->port = out->tls_first ? 993 : 143;
	if ((colon = str_rfind_byte(out->host, ':')) >= 0) {
		port = str_sub(out->host, (size_t)colon + 1, out->host.n);
		out->host = str_sub(out->host, 0, (size_t)colon);
		c = cur_of(port);
		if (!cur_u32(&c, &n) || !cur_done(&c) || n == 0 || n > UINT16_MAX)
			return false;
		out->port = (uint16_t)n;
	}
	return out->host.n != 0;
}

/* FROM=TO..., behind what may be a file's name. False: one is none. */
static bool rules_parse(int argc, char **argv, struct arena *a, struct transfer_pull *out)
{
	struct transfer_rule *rules = arena_array(a, struct transfer_rule, (size_t)argc);

	for (int i = 0; i < argc; i++) {
		struct cur c = cur_of(str_of(argv[i]));

		if (!cur_until(&c, '=', &rules[i].from) || rules[i].from.n == 0)
			return false;
		cur_skip(&c, 1);
		rules[i].to = cur_rest(&c);
	}
	out->rules = rules;
	out->rule_count = (size_t)argc;
	return true;
}

static enum err pull(const struct moving *m, struct why *why)
{
	return transfer_pull(&m->transfer, &((const struct pulling *)m)->from, why);
}

static enum err names(const struct settings *s, struct arena *a, struct dns **out, struct why *why)
{
	struct live *live = NULL;
	struct addr_list servers;
	enum err e = command_settings(s, &live, why);

	if (e == OK)
		e = addr_list_parse(a, settings_first(live)->dns_servers, 53, &servers, why);
	if (e == OK)
		e = dns_new(&servers, 0, out, why);
	live_free(&live);
	return e;
}

int cli_account_import_imap(const struct settings *s, int argc, char **argv)
{
	struct pulling p = { .m.address = str_of(argv[0]),
		             .from.trust = &trust_builtin,
		             .from.message_max = LIMIT_transfer_message };
	struct trust *trust = NULL;
	struct why why = { "" };
	int status = EXIT_FAILURE, words = argc > 2 && strchr(argv[2], '=') == NULL ? 3 : 2;
	struct arena a;

	arena_init(&a, true);
	if (!url_parse(str_of(argv[1]), &a, &p.from) ||
	    !rules_parse(argc - words, argv + words, &a, &p.from)) {
		arena_deinit(&a);
		return EXIT_USAGE;
	}
	if ((words > 2 && trust_load_file(argv[2], &trust, &why) != OK) ||
	    names(s, &a, &p.from.dns, &why) != OK) {
		command_failed("account", &why);
	} else if (command_password(&a, &p.from.password)) {
		p.from.trust = trust != NULL ? trust : &trust_builtin;
		status = move(s, &p.m, "brought", pull);
	}
	dns_free(&p.from.dns);
	trust_free(trust);
	arena_deinit(&a);
	return status;
}
