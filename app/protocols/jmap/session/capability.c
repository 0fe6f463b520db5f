/* protocols/jmap/session/capability.c: see capability.h. */
#include "protocols/jmap/session/capability.h"

#include "formats/sieve/sieve.h"
#include "foundation/config/limits.h"
#include "model/filters/scripts.h"
#include "protocols/jmap/push/dispatch.h"
#include "protocols/jmap/types/envelope_read.h"

static void core_put(const struct jmap_server *s, struct json_writer *w)
{
	(void)s;
	json_put_u64(w, "maxSizeUpload", LIMIT_jmap_upload);
	json_put_u64(w, "maxConcurrentUpload", LIMIT_jmap_uploads);
	json_put_u64(w, "maxSizeRequest", LIMIT_jmap_request);
	json_put_u64(w, "maxConcurrentRequests", LIMIT_jmap_requests);
	json_put_u64(w, "maxCallsInRequest", LIMIT_jmap_calls);
	json_put_u64(w, "maxObjectsInGet", LIMIT_jmap_get);
	json_put_u64(w, "maxObjectsInSet", LIMIT_jmap_set);
	json_open(w, "collationAlgorithms", '[');
	json_put_str(w, NULL, STR("i;ascii-casemap"));
	json_put_str(w, NULL, STR("i;ascii-numeric"));
	json_put_str(w, NULL, STR("i;unicode-casemap"));
	json_close(w);
}

/* RFC 8621 1.3.1 */
static void mail_put(const struct jmap_server *s, const struct jmap_caller *c,
                     const struct jmap_account *a, struct json_writer *w)
{
	static const char *const sorts[] = { "receivedAt", "sentAt", "size", "from", "to",
		                             "subject", "hasKeyword",
		                             "allInThreadHaveKeyword",
		                             "someInThreadHaveKeyword" };

	(void)s, (void)c;
	json_put_u64(w, "maxMailboxesPerEmail", LIMIT_placements);
	json_put_null(w, "maxMailboxDepth");
	json_put_u64(w, "maxSizeMailboxName", LIMIT_mailbox_name);
	json_put_u64(w, "maxSizeAttachmentsPerEmail", LIMIT_jmap_upload);
	json_open(w, "emailQuerySortOptions", '[');
	for (size_t i = 0; i < COUNT(sorts); i++)
		json_put_str(w, NULL, str_of(sorts[i]));
	json_close(w);
	json_put_bool(w, "mayCreateTopLevelMailbox", a->kind != ACCOUNT_SHARING);
}

/* RFC 8621 1.3.2 */
static void submission_put(const struct jmap_server *s, const struct jmap_caller *c,
                           const struct jmap_account *a, struct json_writer *w)
{
	(void)s, (void)c, (void)a;
	json_put_u64(w, "maxDelayedSend", LIMIT_smtp_hold_s);
	json_open(w, "submissionExtensions", '{');
	jmap_envelope_extensions_put(w);
	json_close(w);
}

/* RFC 9661 1.2.1 */
static void sieve_put(const struct jmap_server *s, struct json_writer *w)
{
	(void)s;
	json_put_str(w, "implementation", STR("Roost"));
}

static void sieve_account_put(const struct jmap_server *s, const struct jmap_caller *c,
                              const struct jmap_account *a, struct json_writer *w)
{
	const char *name;

	(void)s, (void)c, (void)a;
	json_put_u64(w, "maxSizeScriptName", SCRIPT_NAME_MAX);
	json_put_u64(w, "maxSizeScript", LIMIT_sieve_script);
	json_put_u64(w, "maxNumberScripts", LIMIT_sieve_scripts);
	json_put_null(w, "maxNumberRedirects");
	json_open(w, "sieveExtensions", '[');
	for (size_t i = 0; (name = sieve_extension(i)) != NULL; i++)
		json_put_str(w, NULL, str_of(name));
	json_close(w);
	json_open(w, "notificationMethods", '[');
	json_put_str(w, NULL, STR("mailto"));
	json_close(w);
	json_put_null(w, "externalLists");
}

/* RFC 9749 3 */
static void vapid_key_put(const struct jmap_server *s, struct json_writer *w)
{
	if (s->push != NULL)
		json_put_str(w, "applicationServerKey", jmap_push_public(s->push));
}

static void account_id_put(struct json_writer *w, const char *name, uint32_t account)
{
	char room[JMAP_ID_ROOM];
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	jmap_account_put(&b, account);
	json_put_str(w, name, buf_str(&b));
}

/* RFC 9670 1.5.1 */
static void principals_put(const struct jmap_server *s, const struct jmap_caller *c,
                           const struct jmap_account *a, struct json_writer *w)
{
	(void)s, (void)a;
	account_id_put(w, "currentUserPrincipalId", c->account);
}

/* RFC 9670 1.5.2: a Principal has the id of its account, and is in the account of the caller. */
static void principals_owner_put(const struct jmap_server *s, const struct jmap_caller *c,
                                 const struct jmap_account *a, struct json_writer *w)
{
	(void)s;
	account_id_put(w, "accountIdForPrincipal", c->account);
	account_id_put(w, "principalId", a->id);
}

/* RFC 9404 3.1 */
static void blob_account_put(const struct jmap_server *s, const struct jmap_caller *c,
                     const struct jmap_account *a, struct json_writer *w)
{
	static const char *const lists[][4] = {
		{ "supportedTypeNames", "Mailbox", "Thread", "Email" },
		{ "supportedDigestAlgorithms", "sha-256", "sha-512", "sha" },
	};

	(void)s, (void)c, (void)a;
	json_put_u64(w, "maxSizeBlobSet", LIMIT_jmap_upload);
	json_put_u64(w, "maxDataSources", LIMIT_jmap_sources);
	for (size_t i = 0; i < COUNT(lists); i++) {
		json_open(w, lists[i][0], '[');
		for (size_t j = 1; j < COUNT(lists[i]); j++)
			json_put_str(w, NULL, str_of(lists[i][j]));
		json_close(w);
	}
}

const struct jmap_capability_row jmap_capability_rows[CAPABILITIES] = {
	[CAP_CORE] = { .urn = "urn:ietf:params:jmap:core",
	               .server_put = core_put,
	               .rfc = "RFC 8620" },
	[CAP_MAIL] = { .urn = "urn:ietf:params:jmap:mail",
	               .scope = JMAP_MAIL,
	               .account_put = mail_put,
	               .rfc = "RFC 8621" },
	[CAP_SUBMISSION] = { .urn = "urn:ietf:params:jmap:submission",
	                     .scope = JMAP_SUBMISSION,
	                     .own_only = true,
	                     .account_put = submission_put,
	                     .rfc = "RFC 8621" },
	[CAP_VACATION] = { .urn = "urn:ietf:params:jmap:vacationresponse",
	                   .scope = JMAP_SIEVE,
	                   .own_only = true,
	                   .rfc = "RFC 8621" },
	[CAP_WEBSOCKET] = { .urn = "urn:ietf:params:jmap:websocket",
	                    .no_account = true,
	                    .rfc = "RFC 8887" },
	[CAP_QUOTA] = { .urn = "urn:ietf:params:jmap:quota",
	                .scope = JMAP_MAIL,
	                .rfc = "RFC 9425" },
	[CAP_SIEVE] = { .urn = "urn:ietf:params:jmap:sieve",
	                .scope = JMAP_SIEVE,
	                .own_only = true,
	                .server_put = sieve_put,
	                .account_put = sieve_account_put,
	                .rfc = "RFC 9661" },
	[CAP_MDN] = { .urn = "urn:ietf:params:jmap:mdn",
	              .scope = JMAP_SUBMISSION,
	              .own_only = true,
	              .rfc = "RFC 9007" },
	[CAP_PRINCIPALS] = { .urn = "urn:ietf:params:jmap:principals",
	                     .scope = JMAP_MAIL,
	                     .own_only = true,
	                     .account_put = principals_put,
	                     .rfc = "RFC 9670" },
	[CAP_PRINCIPALS_OWNER] = { .urn = "urn:ietf:params:jmap:principals:owner",
	                           .scope = JMAP_MAIL,
	                           .account_only = true,
	                           .account_put = principals_owner_put,
	                           .rfc = "RFC 9670" },
	[CAP_VAPID] = { .urn = "urn:ietf:params:jmap:webpush-vapid",
	                .no_account = true,
	                .server_put = vapid_key_put,
	                .rfc = "RFC 9749" },
	[CAP_BLOB] = { .urn = "urn:ietf:params:jmap:blob",
	               .account_put = blob_account_put,
	               .rfc = "RFC 9404" },
};

bool jmap_capability_find(struct str urn, enum jmap_capability *out)
{
	for (unsigned i = 0; i < CAPABILITIES; i++)
		if (jmap_capability_rows[i].urn != NULL && !jmap_capability_rows[i].account_only &&
		    str_eq(urn, str_of(jmap_capability_rows[i].urn))) {
			*out = (enum jmap_capability)i;
			return true;
		}
	return false;
}

bool jmap_capability_of(enum jmap_capability cap, const struct jmap_caller *c,
                        const struct jmap_account *a)
{
	const struct jmap_capability_row *row = &jmap_capability_rows[cap];

	return row->urn != NULL && !row->no_account && (c->scopes & row->scope) == row->scope &&
	       !(row->own_only && a->kind != ACCOUNT_OWN);
}
