/* console/api/api_private.h: what the files of console/api share with each other, and
 * with `roost doctor`. */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H
#include "console/api/api.h"
#include "console/api/api_table.h"
#include "flow/reports_in/reports_in.h"
#include "flow/submission/letter_json.h"
#include "foundation/base/err.h"
#include "foundation/observe/history.h"
#include "foundation/text/json.h"
#include "model/history/sent.h"
#include "network/http_server/http.h"
#include "operations/doctor/finding.h"
#include "operations/transfer/import.h"

struct admin;
struct api_call;
struct settings;
struct ticket;

/* --- api_auth.c ---------------------------------------------------------------------------- */

#define API_COOKIE "roost_session"

/* Fill c->who from the bearer token or the cookie; nobody when there is none, or it has ended.
 * *scopes: what a token allows, as in struct token. ERR_IO and such: of the store. */
enum err api_identify(struct api_call *c, unsigned *scopes) MUST_USE;

/* The same without a word to the store of its use. */
enum err api_look(struct api_call *c, unsigned *scopes) MUST_USE;

/* The session's id of the request's cookie. */
bool api_cookie(const struct http_request *q, struct ticket *out);

/* Did this page send the request, as far as the browser tells? A call that changes something must
 * come from a page of this server: Origin, Sec-Fetch-Site. why says what is amiss. */
bool api_same_origin(const struct http_request *q, struct why *why);

/* "name", "name:port", an address: and nothing else (RFC 9110 7.2). */
bool api_host_ok(struct str host);

/* --- api_dns.c ----------------------------------------------------------------------------- */

/* Query DNS for a domain's records and write the answer, also for the setup; blocks some
 * seconds at most. domain in lower case. ERR_RETRY: DNS cannot be queried. */
enum err api_dns_put(struct api_call *c, struct str domain) MUST_USE;

/* --- api_import.c -------------------------------------------------------------------------- */

/* Bodies and answers of the calls about imports.
 *
 * A user who may begin an import makes the server open connections. So only owners reach private
 * addresses and odd ports, which the old server in their own network may have. All others need a
 * host of the Internet and a port of IMAP, unless the setting import_anywhere is on. The address is
 * judged where it is dialled (operations/transfer/remote_open.c). */

/* The body: import_new. Strings are of the call's. */
enum err import_take(struct api_call *c, struct import *i, struct str *password) MUST_USE;
/* The body's password alone. */
enum err import_password_take(struct api_call *c, struct str *out) MUST_USE;
/* The part of the network that this caller's imports may reach, and the caller as their maker. */
enum err import_where_check(struct api_call *c, struct import *i) MUST_USE;

/* The shape of that name; whole: with mailboxes and what was left out. */
void import_json_put(struct json_writer *w, const struct import *i, bool whole);
/* The request as members, in the form that the audit log has too. */
void import_asked_put(struct json_writer *w, const struct import *i);
/* import_preview. */
void import_preview_put(struct json_writer *w, const struct transfer_folder *folders, size_t count);

/* --- api_reports.c ------------------------------------------------------------------------- */

#define REPORT_DAY_MS ((int64_t)86400000)

/* The members of a report, into an object that is open. */
void reports_head_put(struct json_writer *w, struct arena *a, const struct report_in *r);
/* A row of a report (flow/reports_in/rows.h): into a list, or of REPORT_FAILURE the member
 * "feedback". False: it cannot be read. */
bool reports_row_put(struct api_call *c, enum report_kind kind, struct str record);

/* The day that ?days= days end with, and how many they are with it. */
uint32_t reports_today(void);
uint32_t reports_days(struct api_call *c);
void reports_day_put(struct json_writer *w, const char *name, uint32_t day);

/* --- api_send.c ---------------------------------------------------------------------------- */

/* A submission in the form in which it is sent. */
struct send_message {
	struct send_wishes wishes;
	struct mailaddr from; /* return path                       */
	struct str from_text; /* what the message's header is made for: domain of new ids */
	struct str message_id;
	struct buf text; /* the message                            */
	bool utf8;
};

/* Read the body, JSON or message/rfc822, and the query; out->text is to be deinited in any case.
 * Errors are the caller's. */
enum err send_message_read(struct api_call *c, const struct settings *s,
                           struct send_message *out) MUST_USE;

/* api_send.c: the member "to", of shapes sent_rcpt. */
void send_rcpts_put(struct json_writer *w, const struct sent_rcpt *rcpts, size_t count);

/* --- certificates.c ------------------------------------------------------------------------ */

/* Append each as the shape "certificate", the host name's first, inside an open list. Reads the
 * store: not inside a transaction. */
enum err certificates_put(const struct admin *admin, struct arena *a,
                          struct json_writer *w) MUST_USE;

/* Keep a certificate that the caller brings, as PEM texts with the server's own first, and show
 * it at once; operations/acme/uploaded.h says what is checked. Noted in the audit trail as the
 * caller's; the answer is not written. *id (in the call's arena) is what it is called now.
 * ERR_SYNTAX, ERR_CONFLICT, ERR_LIMIT: nothing has changed, c->why says why. Not inside a
 * transaction. */
enum err certificates_own_put(struct api_call *c, struct str chain, struct str key,
                              struct str *id) MUST_USE;
/* Append the one with this id. ERR_MISSING. */
enum err certificates_put_one(const struct admin *admin, struct str id, struct arena *a,
                              struct json_writer *w) MUST_USE;

/* --- doctor_json.c ------------------------------------------------------------------------- */

/* Findings of a DNS check as the shape doctor_part, also for `roost doctor --json`: into the object
 * that is open: its state, how many findings are in each, and with rows each. */
void doctor_json_put(struct json_writer *w, const struct findings *all, bool rows);

/* --- form.c -------------------------------------------------------------------------------- */

/* POST /form/NAME: contact forms of web sites (ROOST_FORMS; see docs/how-to/contact-forms.md). No
 * login. The origin of the page, a field that people do not see, and limits for each network keep
 * bots out. */
http_handler form_serve;     /* POST    */
http_handler form_preflight; /* OPTIONS */
/* Before the body of a POST is read. False: the form does not exist, and the response says so. */
bool form_admit(const struct http_request *q, struct http_response *r);

/* --- metrics.c ----------------------------------------------------------------------------- */

/* /metrics, in Prometheus' text exposition format 0.0.4.
 *
 * Three kinds of clients may read it; all others get 403:
 *
 *	a client on this machine         by a loopback address, with no proxy in between
 *	a client in METRICS_NETWORKS     a proxy between must be in TRUSTED_PROXIES, and name it
 *	an owner                         by a token with the scope metrics:read, or a session */

/* Runs on a pool thread: it reads the store. */
void metrics_serve(const struct http_request *q, struct http_response *r);

/* --- overview_scope.c ---------------------------------------------------------------------- */

/* Counts of the domains of one administrator. */
struct overview_scope {
	uint64_t queue;          /* entries that are his                        */
	int64_t queue_oldest_ms; /* INT64_MAX: none                             */
	uint64_t used_bytes;     /* of the mail of his accounts                 */
	/* Counts of the last day by traces, so zero if they are off: messages to accounts in scope,
	 * messages from them, refused messages. */
	struct history_point points[HISTORY_STEPS];
};

/* Reads the traces of a day, the whole queue and every account. Errors are the store's. */
enum err overview_scope_look(const struct api_call *c, int64_t now_ms,
                             struct overview_scope *out) MUST_USE;

#endif
