/* The IMAP server in each of its states. The first byte chooses the state, the rest is what
 * the client sends; another session waits in IDLE over the same mailbox. Laws: whatever comes,
 * what both are told ends in whole lines; to the first it is the same whether the bytes come at
 * once or one at a time; the other one goes on; and fsck has nothing to say in the end. */
#include "harness/fake_conn.h"

#include "foundation/config/live.h"
#include "foundation/crypto/password.h"
#include "foundation/observe/event.h"
#include "model/directory/directory.h"
#include "model/directory/login/login.h"
#include "model/mailbox/email/email_new.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/mailbox/lease.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/watch.h"
#include "model/store/store.h"
#include "protocols/imap/imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define LOGIN "a LOGIN user@example.org secret\r\n"
#define MAIL                                                                               \
	"m APPEND INBOX (\\Seen k) {44+}\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n" \
	"<b>hi\r\n"

/* Ada shares her INBOX; then it is the user's session. */
#define ADA "a LOGIN ada@example.org secret\r\n"
#define SHARED MAIL "s SETACL INBOX user@example.org "
#define THEIRS "\"Other Users/ada@example.org/INBOX\""
#define USER "u UNAUTHENTICATE\r\n" LOGIN

static const char *const states[] = {
	"",
	"a AUTHENTICATE PLAIN\r\n",
	LOGIN,
	LOGIN MAIL "b SELECT INBOX\r\n",
	LOGIN MAIL MAIL "b EXAMINE INBOX\r\n",
	LOGIN MAIL "b SELECT INBOX\r\nc IDLE\r\n",
	LOGIN "b APPEND INBOX {40+}\r\n",
	LOGIN MAIL "b SELECT INBOX\r\nc SEARCH TEXT {9+}\r\n",
	LOGIN "b SEARCH TEXT {99999+}\r\n",
	LOGIN MAIL MAIL MAIL "b SELECT INBOX\r\nc STORE 2 +FLAGS \\Deleted\r\nd ",
	LOGIN MAIL "b SELECT INBOX\r\nc APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\" TEXT {9+}\r\n",
	LOGIN MAIL "b SELECT INBOX\r\nc REPLACE 1 INBOX {5+}\r\nabc",
	LOGIN "b APPEND INBOX {3+}\r\nabc (k) {3+}\r\nabc",
	LOGIN MAIL "b SELECT INBOX\r\nc FETCH 1 BINARY",
	LOGIN "e ENABLE IMAP4rev2\r\n" MAIL MAIL "b SELECT INBOX\r\n",
	LOGIN "e ENABLE UTF8=ACCEPT\r\n" MAIL "b SELECT INBOX\r\n",
	LOGIN MAIL "b SELECT INBOX\r\nu UNAUTHENTICATE\r\n",
	LOGIN MAIL MAIL "e ENABLE QRESYNC\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS \\Deleted\r\n",
	LOGIN MAIL MAIL "e ENABLE UIDONLY QRESYNC IMAP4rev2\r\nb SELECT INBOX\r\n",
	LOGIN MAIL MAIL "b SELECT INBOX (CONDSTORE)\r\nc STORE 1 +FLAGS \\Deleted\r\nd EXPUNGE\r\n"
			"e ENABLE QRESYNC\r\nf ",
	LOGIN MAIL MAIL "b SELECT INBOX\r\nc SEARCH RETURN (UPDATE) UNSEEN\r\n"
			"d UID SORT RETURN (UPDATE ALL) (SIZE) UTF-8 UNDELETED\r\n",
	LOGIN MAIL "z COMPRESS DEFLATE\r\nb SELECT INBOX\r\nc IDLE\r\nDONE\r\n",
	LOGIN "e ENABLE IMAP4rev2 UTF8=ACCEPT QRESYNC\r\n" MAIL "b SELECT INBOX\r\nc IDLE\r\n",
	LOGIN MAIL MAIL "b SELECT INBOX (QRESYNC (1 1))\r\ne ENABLE QRESYNC\r\n"
			"c STORE 1 +FLAGS \\Deleted\r\nd CLOSE\r\nf SELECT INBOX (QRESYNC (",
	LOGIN MAIL MAIL "e ENABLE UIDONLY UTF8=ACCEPT\r\nb EXAMINE INBOX\r\nc UID ",
	LOGIN MAIL "e ENABLE UIDONLY\r\nb SELECT INBOX\r\nc UID REPLACE 1 INBOX {9+}\r\n",
	ADA SHARED "lrswitedkxa\r\n" USER "b SELECT " THEIRS "\r\n",
	ADA SHARED "lr\r\n" USER "e ENABLE QRESYNC\r\nb SELECT " THEIRS "\r\n",
	ADA SHARED "lrsi\r\n" USER MAIL "b SELECT INBOX\r\nc COPY 1 " THEIRS "\r\nd MOVE 1 ",
	ADA SHARED "lrs\r\n" USER "e ENABLE UIDONLY\r\nb EXAMINE " THEIRS "\r\nc UID STORE 1 ",
	LOGIN MAIL MAIL MAIL "b SELECT INBOX\r\nc SEARCH RETURN (SAVE) 2:3\r\nd FETCH $ ",
	LOGIN MAIL "b SELECT INBOX\r\nn NOTIFY SET STATUS (selected (MessageNew (BODY[]) "
		   "MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge MailboxName "
		   "SubscriptionChange MailboxMetadataChange ServerMetadataChange))\r\n",
	LOGIN MAIL "n NOTIFY NONE\r\nb SELECT INBOX\r\n",
};

struct server {
	struct store *store;
	struct mailboxes mailboxes;
	struct imap_server imap;
	struct conn_service service;
};

static struct str hash;

static enum err account_make(struct txn *t, void *arg)
{
	struct mail_txn m = { .mailboxes = arg, .t = t };
	struct account_new new = { .address = STR("user@example.org"), .password_hash = hash };
	enum err e = domain_add(t, STR("example.org"), NULL);

	if (!e)
		e = account_add(t, &new, &m.account, NULL);
	if (!e)
		e = mail_provision(&m);
	new.address = STR("ada@example.org");
	if (!e)
		e = account_add(t, &new, &m.account, NULL);
	return e ? e : mail_provision(&m);
}

static void server_open(struct server *s)
{
	static const struct settings settings = { .hostname = { "mail.example.org", 16 },
		                                  .message_size = 100000 };
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };

	*s = (struct server){ .mailboxes = { .watches = watches_new(),
		                             .leases = leases_new(),
		                             .acl_max = 10,
		                             .metadata_max = 10,
		                             .mailboxes_max = 50,
		                             .keywords_max = FLAG_CUSTOM + 20,
		                             .name_max = 200 } };
	if (store_open(&s->store, &config, NULL) != OK ||
	    store_write(s->store, account_make, &s->mailboxes, NULL) != OK)
		abort();
	s->imap = (struct imap_server){ .store = s->store,
		                        .mailboxes = &s->mailboxes,
		                        .logins = logins_new(s->store),
		                        .live = live_of(&settings),
		                        .message_limits = MESSAGE_LIMITS_DEFAULT };
	s->service = (struct conn_service){
		.name = "imap", .proto = &imap_proto, .context = &s->imap, .plain_auth = true
	};
}

static void server_close(struct server *s)
{
	logins_free(&s->imap.logins);
	live_free(&s->imap.live);
	watches_free(&s->mailboxes.watches);
	leases_free(&s->mailboxes.leases);
	store_close(&s->store);
}

/* Times differ from run to run, but not in length. */
static void times_mask(struct buf *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (ascii_digit(b->p[i]))
			b->p[i] = '0';
}

static void said_whole(const struct conn *c)
{
	assert(c->sent.n >= 2 && memcmp(c->sent.p + c->sent.n - 2, "\r\n", 2) == 0);
}

/* Over the inbox of the user. */
static struct conn *watcher_open(const struct server *s)
{
	struct conn *c = fake_open(1, &s->service, false);

	fake_send(c, STR(LOGIN "e ENABLE QRESYNC\r\nb SELECT INBOX\r\nc IDLE\r\n"), SIZE_MAX);
	return c;
}

static void watcher_close(struct conn *c)
{
	fake_settle();
	said_whole(c);
	fake_send(c, STR("DONE\r\nd UID FETCH 1:* (FLAGS MODSEQ)\r\n"), SIZE_MAX);
	said_whole(c);
	/* Whoever renames or deletes what it looks at sends it away. */
	if (!c->closed && str_find(buf_str(&c->sent), STR("\r\nd OK ")) < 0)
		abort();
	fake_close(c);
}

static void finding_print(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	fprintf(stderr, "fsck: %s: %.*s\n", check, STR_ARG(sentence));
}

static void fsck_is_silent(struct store *store)
{
	struct fsck_report r = { .say = finding_print };

	if (fsck_run(store, &mailbox_fsck, 1, &r, NULL) != OK || r.findings)
		abort();
}

static void converse(const char *state, struct str input, size_t piece, struct buf *said)
{
	struct server s;
	struct conn *c, *watcher;

	server_open(&s);
	watcher = watcher_open(&s);
	c = fake_open(0, &s.service, false);
	fake_send(c, str_of(state), SIZE_MAX);
	fake_send(c, input, piece);
	said_whole(c);
	buf_put(said, buf_str(&c->sent));
	times_mask(said);
	fake_run(c, CONN_EOF);
	fake_close(c);
	watcher_close(watcher);
	fsck_is_silent(s.store);
	server_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct password_cost cheap = { .memory_kib = 8, .passes = 1 };
	static struct arena hashes;
	struct buf whole, pieces;
	struct str input;

	if (hashes.block == NULL) {
		event_fd_set(-1);
		password_setup(cheap, 1);
		if (password_hash(STR("secret"), cheap, &hashes, &hash, NULL) != OK)
			abort();
	}
	if (n < 2)
		return 0;
	input = str_from((const char *)data + 1, n - 1);
	buf_init(&whole, 64 << 20);
	buf_init(&pieces, 64 << 20);
	converse(states[data[0] % COUNT(states)], input, SIZE_MAX, &whole);
	converse(states[data[0] % COUNT(states)], input, n % 7 == 0 ? 3 : 1, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
	buf_deinit(&pieces);
	buf_deinit(&whole);
	return 0;
}
