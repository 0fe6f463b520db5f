/* protocols/imap/cmd_any.c: CAPABILITY, NOOP, CHECK, ID, ENABLE, NAMESPACE, GETJMAPACCESS,
 * LOGOUT. */
#include "formats/imap_wire/put.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/place.h"

static bool before_login(const struct imap *s)
{
	return s->state == STATE_GREETED;
}

static bool starttls_possible(const struct imap *s)
{
	return before_login(s) && conn_can_starttls(s->conn);
}

/* RFC 9051 6.2.3 */
static bool login_disabled(const struct imap *s)
{
	return before_login(s) && !login_allowed(s->conn);
}

static bool logged_in(const struct imap *s)
{
	return !before_login(s);
}

static bool jmap_there(const struct imap *s)
{
	return logged_in(s) && s->server->jmap_url.n;
}

static uint64_t append_limit(const struct imap *s)
{
	return s->settings->message_size;
}

static struct str own_host(const struct imap *s)
{
	return s->settings->hostname;
}

/* RFC 6785 2.1 */
static bool imapsieve_there(const struct imap *s)
{
	return s->server->delivery != NULL && s->settings->hostname.n != 0;
}

/* RFC 4978 3 */
static bool compress_possible(const struct imap *s)
{
	return !conn_is_compressed(s->conn);
}

static uint64_t message_limit(const struct imap *s)
{
	return imap_message_limit(s);
}

static bool message_limited(const struct imap *s)
{
	return imap_message_limit(s) != 0;
}

static uint64_t save_limit(const struct imap *s)
{
	return imap_save_limit(s);
}

/* RFC 9738 3: one of the two. */
static bool only_save_limited(const struct imap *s)
{
	return imap_save_limit(s) && !imap_message_limit(s);
}

/* The words of CAPABILITY, and what ENABLE with them sets. Words without a condition are
 * sent in every state: LITERAL+ and SASL-IR must be known before login, and some clients
 * read the list only then. A new extension needs a row here. */
static const struct capability {
	const char *word;
	bool (*when)(const struct imap *s);      /* NULL: always */
	unsigned enables;                        /* enum imap_enabled, with all implied bits */
	uint64_t (*value)(const struct imap *s); /* the value after "="; NULL: none */
	struct str (*host)(const struct imap *s); /* the end of word; NULL: none    */
} capabilities[] = {
	{ .word = "IMAP4rev1" },
	{ .word = "IMAP4rev2", .enables = ENABLED_REV2 },
	{ .word = "UTF8=ACCEPT", .enables = ENABLED_UTF8 },
	{ .word = "SASL-IR" },
	{ .word = "LITERAL+" },
	{ .word = "ID" },
	{ .word = "ENABLE" },
	{ .word = "IDLE" },
	{ .word = "NAMESPACE" },
	{ .word = "CHILDREN" },
	{ .word = "UIDPLUS" },
	{ .word = "MOVE" },
	{ .word = "UNSELECT" },
	{ .word = "SPECIAL-USE" },
	{ .word = "CREATE-SPECIAL-USE" },
	{ .word = "LIST-EXTENDED" },
	{ .word = "LIST-STATUS" },
	{ .word = "STATUS=SIZE" },
	{ .word = "ESEARCH" },
	{ .word = "WITHIN" },
	{ .word = "SORT" },
	{ .word = "SORT=DISPLAY" },
	{ .word = "THREAD=ORDEREDSUBJECT" },
	{ .word = "THREAD=REFERENCES" },
	{ .word = "THREAD=REFS" },
	{ .word = "ESORT" },
	{ .word = "CONTEXT=SEARCH" },
	{ .word = "CONTEXT=SORT" },
	{ .word = "SEARCHRES" },
	{ .word = "SEARCH=FUZZY" },
	{ .word = "I18NLEVEL=1" },
	{ .word = "OBJECTID" },
	{ .word = "SAVEDATE" },
	{ .word = "PREVIEW" },
	{ .word = "INPROGRESS" },
	{ .word = "APPENDLIMIT", .value = append_limit },
	{ .word = "MESSAGELIMIT", .when = message_limited, .value = message_limit },
	{ .word = "SAVELIMIT", .when = only_save_limited, .value = save_limit },
	{ .word = "UNAUTHENTICATE", .when = logged_in }, /* RFC 8437 3 */
	{ .word = "JMAPACCESS", .when = jmap_there },
	{ .word = "ACL" },
	{ .word = "RIGHTS=kxte" }, /* RFC 4314 2.2 */
	{ .word = "LIST-MYRIGHTS" },
	{ .word = "METADATA", .enables = ENABLED_METADATA },
	{ .word = "LIST-METADATA" },
	{ .word = "FILTERS" },
	{ .word = "IMAPSIEVE=sieve://", .when = imapsieve_there, .host = own_host },
	{ .word = "QUOTA" },
	{ .word = "QUOTA=RES-STORAGE" },
	{ .word = "QUOTA=RES-MESSAGE" },
	{ .word = "QUOTA=RES-MAILBOX" },
	{ .word = "QUOTASET" },
	{ .word = "BINARY" },
	{ .word = "MULTIAPPEND" },
	{ .word = "CATENATE" },
	{ .word = "URLAUTH" },
	{ .word = "URLAUTH=BINARY" },
	{ .word = "REPLACE" },
	{ .word = "COMPRESS=DEFLATE", .when = compress_possible },
	{ .word = "CONDSTORE", .enables = ENABLED_CONDSTORE },
	{ .word = "QRESYNC", .enables = ENABLED_QRESYNC | ENABLED_CONDSTORE }, /* RFC 7162 3.2.3 */
	{ .word = "UIDONLY", .enables = ENABLED_UIDONLY },
	{ .word = "PARTIAL" },
	{ .word = "NOTIFY" },
	{ .word = "MULTISEARCH" },
	{ .word = "STARTTLS", .when = starttls_possible },
	{ .word = "LOGINDISABLED", .when = login_disabled },
};

void imap_capability_put(struct imap *s, struct buf *out)
{
	buf_put(out, STR("CAPABILITY"));
	for (size_t i = 0; i < COUNT(capabilities); i++) {
		if (capabilities[i].when && !capabilities[i].when(s))
			continue;
		buf_byte(out, ' ');
		buf_put(out, str_of(capabilities[i].word));
		if (capabilities[i].value)
			buf_fmt(out, "=%" PRIu64, capabilities[i].value(s));
		if (capabilities[i].host)
			buf_put(out, capabilities[i].host(s));
	}
	if (before_login(s))
		sasl_mechs_put(out, login_mechs(s->conn, s->server->logins), STR(" AUTH="), '\0');
}

enum done imap_cmd_capability(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("* "));
	imap_capability_put(s, imap_out(s));
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* The sync that follows sends the changes (RFC 9051 6.1.2). */
enum done imap_cmd_noop(struct imap *s, union imap_args *args)
{
	(void)args;
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* RFC 2971 3.3: only for the user's list of recent logins. */
enum done imap_cmd_id(struct imap *s, union imap_args *args)
{
	struct buf *out = imap_out(s);

	login_named(&s->login, s->conn, s->server->logins, args->client);
	buf_put(out, STR("* ID (\"name\" \"Roost\""));
	if (s->server->version.n) {
		buf_put(out, STR(" \"version\" "));
		imap_put_string(out, s->server->version);
	}
	buf_put(out, STR(")\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* The bits that the word enables; 0 for an unknown one. Then it is included in the
 * response. */
static unsigned enable(struct imap *s, struct str word)
{
	for (size_t i = 0; i < COUNT(capabilities); i++) {
		const struct capability *c = &capabilities[i];

		if (!c->enables || !str_eqi(word, str_of(c->word)) || (c->when && !c->when(s)))
			continue;
		buf_byte(imap_out(s), ' ');
		buf_put(imap_out(s), str_of(c->word));
		return c->enables;
	}
	return 0;
}

/* RFC 5161 3.1: unknown words are ignored; 3.2: the response is always sent. */
enum done imap_cmd_enable(struct imap *s, union imap_args *args)
{
	unsigned bits = 0;
	bool notes;

	buf_put(imap_out(s), STR("* ENABLED"));
	for (size_t i = 0; i < args->enable.n; i++)
		bits |= enable(s, args->enable.items[i]);
	buf_put(imap_out(s), STR("\r\n"));
	notes = bits & ENABLED_METADATA && !imap_enabled(s, ENABLED_METADATA);
	imap_enable(s, bits);
	if (notes)
		imap_notify_enable(s);
	imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_cmd_namespace(struct imap *s, union imap_args *args)
{
	(void)args;
	buf_put(imap_out(s), STR("* NAMESPACE ((\"\" \"/\"))"
	                         " ((\"" PLACE_OTHERS "\" \"/\"))"
	                         " ((\"" PLACE_GROUPS "\" \"/\"))\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

/* RFC 9698 4 */
enum done imap_cmd_getjmapaccess(struct imap *s, union imap_args *args)
{
	(void)args;
	if (!s->server->jmap_url.n) {
		imap_bad(s, "JMAP is not available");
		return DONE;
	}
	buf_put(imap_out(s), STR("* JMAPACCESS "));
	imap_put_string(imap_out(s), s->server->jmap_url);
	buf_put(imap_out(s), STR("\r\n"));
	imap_ok(s, NULL, NULL);
	return DONE;
}

enum done imap_cmd_logout(struct imap *s, union imap_args *args)
{
	(void)args;
	(void)imap_bye(s, "See you"); /* the tagged OK comes after it (RFC 9051 6.1.3) */
	imap_ok(s, NULL, NULL);
	return DONE;
}
