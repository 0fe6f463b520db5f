/* A script, a NUL and a message: compiled, run for an account, and made into actions. Laws: a kept,
 * stored, sent or rejected message is never lost; a header of an action ends in its empty line;
 * a message that is sent is lines with CRLF and has Auto-Submitted once; addresses are valid; what
 * is remembered has a time; the actions of a run have a maximum of memory. */
#include "flow/filtering/chain.h"
#include "formats/message/header.h"
#include "formats/sieve/sieve.h"
#include "foundation/config/settings.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/mailbox/mail.h"
#include "model/store/store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ACTIONS_BYTES_MAX = 16 << 20 };

static const struct mailboxes mailboxes = { .mailboxes_max = 40,
	                                    .keywords_max = 40,
	                                    .name_max = 1000,
	                                    .acl_max = 8,
	                                    .metadata_max = 8 };

struct call {
	struct str raw;
	struct chain chain;
	struct filtering_mail mail;
	struct arena arena;
	const struct action *actions;
};

static enum err account_make(struct txn *t, void *arg)
{
	struct mail_txn m = { .mailboxes = &mailboxes, .t = t };
	struct account_new new = { .address = STR("ada@example.org"), .role = ROLE_OWNER };
	enum err e = domain_add(t, STR("example.org"), NULL);

	(void)arg;
	if (e == OK)
		e = account_add(t, &new, &m.account, NULL);
	return e ? e : mail_provision(&m);
}

static struct store *store_once(void)
{
	static struct store *store;
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };

	if (store == NULL) {
		event_fd_set(-1);
		if (store_open(&store, &config, NULL) != OK ||
		    store_write(store, account_make, NULL, NULL) != OK)
			abort();
	}
	return store;
}

static enum err chain_read(struct txn *t, void *arg)
{
	struct call *call = arg;

	return chain_run(t, &call->mail, call->raw, &call->chain, &call->arena, &call->actions);
}

static void message_law(struct str message)
{
	struct str header = str_sub(message, 0, header_size(message));

	assert(message.n != 0);
	assert(header_count(header, STR("Auto-Submitted")) == 1);
	assert(header_count(header, STR("From")) == 1);
	assert(header_count(header, STR("To")) == 1);
	assert(str_ends(header, STR("\r\n\r\n")));
}

static void action_law(const struct action *a)
{
	bool sends = a->kind == ACTION_REPLY || a->kind == ACTION_NOTIFY;

	assert(a->kind >= ACTION_KEEP && a->kind <= ACTION_NOTE);
	assert(a->header.n == 0 || a->kind == ACTION_KEEP || a->kind == ACTION_REDIRECT);
	if (sends)
		message_law(a->message);
	if (sends || a->kind == ACTION_REDIRECT)
		assert(!mailaddr_is_null(&a->address) && a->address.domain.n != 0);
	assert((a->kind == ACTION_REMEMBER) <= (a->once.n != 0));
	assert(a->once.n <= 100);
}

static void actions_law(const struct action *list)
{
	bool handled = list == NULL;

	for (const struct action *a = list; a != NULL; a = a->next) {
		action_law(a);
		handled |= a->kind != ACTION_NOTE && a->kind != ACTION_REMEMBER &&
		           a->kind != ACTION_REPLY && a->kind != ACTION_NOTIFY;
	}
	assert(handled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct settings settings = { .hostname = { "mail.example.org", 16 },
		                                  .subaddress = { "+", 1 },
		                                  .sieve_redirects_max = 5,
		                                  .sieve_time_max_s = 10 };
	struct envelope_rcpt rcpt = { .address = { STR("ada"), STR("example.org") } };
	const struct envelope envelope = { .sender = { STR("eve"), STR("remote.example") },
		                           .rcpts = &rcpt,
		                           .rcpt_count = 1 };
	struct sieve_options options = { .limits = SIEVE_LIMITS_DEFAULT };
	struct cur c = cur_of(str_from((const char *)data, n));
	struct chain_program first = { .name = STR("server script before"), .own = false };
	struct chain_program second = { .name = STR("script main"), .own = true };
	struct call call = { .mail = { .store = store_once(),
		                       .mailboxes = &mailboxes,
		                       .settings = &settings,
		                       .envelope = &envelope,
		                       .rcpt = &rcpt,
		                       .account = 1,
		                       .address = rcpt.address } };
	struct sieve_errors errors;
	struct str script;
	struct buf program;

	buf_init(&program, SIEVE_PROGRAM_MAX);
	if (!cur_until(&c, '\0', &script))
		script = cur_rest(&c);
	cur_skip(&c, 1);
	if (sieve_compile(&call.arena, script, &options, &program, &errors)) {
		first.program = second.program = buf_str(&program);
		call.chain = (struct chain){ { first, second }, 2 };
		call.raw = cur_rest(&c);
		arena_reset(&call.arena);
		assert(store_read(call.mail.store, chain_read, &call) == OK);
		assert(call.arena.used_bytes <= ACTIONS_BYTES_MAX);
		actions_law(call.actions);
	}
	buf_deinit(&program);
	arena_deinit(&call.arena);
	return 0;
}
