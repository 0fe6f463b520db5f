/* protocols/jmap/request/call.h: a method call: what a method gets, and how it answers.
 *
 * A request runs its calls one after another (RFC 8620 3.3). For each, the machinery resolves
 * references (3.7), checks the arguments by the method's table, finds the account and the rights of
 * the caller, and runs the method. Its output before an error is dropped. */
#ifndef JMAP_CALL_H
#define JMAP_CALL_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/text/json.h"
#include "model/mailbox/mail.h"
#include "protocols/jmap/ids.h"
#include "protocols/jmap/jmap.h"

/* --- Tables --- */

/* The JSON form of a value (RFC 8620 1.1 to 1.4). */
enum jmap_form {
	FORM_ANY, /* the method checks it */
	FORM_ID,
	FORM_STRING,
	FORM_BOOL,
	FORM_INT,      /* -2^53+1 to 2^53-1 */
	FORM_UNSIGNED, /* 0 to 2^53-1 */
	FORM_DATE,
	FORM_UTC_DATE,
	FORM_OBJECT,
};
enum {
	OR_NULL = BIT(0),
	LIST = BIT(1), /* an array of that form */
	MAP = BIT(2),  /* an object with values of that form; with FORM_BOOL: a set, values true */
	ID_KEYS = BIT(3), /* the names of a MAP are ids, or creation ids ("#a") */
	NEEDED = BIT(4),  /* an argument that must be there; a property that /set needs to create */
	/* Properties only: */
	SERVER_SET = BIT(5), /* /set may only repeat it (RFC 8620 5.3) */
	IMMUTABLE = BIT(6),  /* set at creation only */
	ON_REQUEST = BIT(7), /* /get leaves it out unless it is named */
};

struct jmap_argument {
	const char *name;
	enum jmap_form form;
	unsigned flags;
	uint32_t max; /* elements of LIST or MAP, bytes of a string; 0: LIMIT_jmap_elements, and
	               * no maximum of its own */
};

struct jmap_call;
/* OK, or what jmap_refuse returned, or an error of the store ("serverFail"). */
typedef enum err jmap_method_fn(struct jmap_call *c);

enum jmap_capability {
	CAP_CORE,       /* urn:ietf:params:jmap:core */
	CAP_MAIL,       /* RFC 8621 */
	CAP_SUBMISSION,
	CAP_VACATION,
	CAP_WEBSOCKET,  /* RFC 8887 */
	CAP_BLOB,       /* RFC 9404 */
	CAP_QUOTA,      /* RFC 9425 */
	CAP_SIEVE,      /* RFC 9661 */
	CAP_MDN,        /* RFC 9007 */
	CAP_PRINCIPALS, /* RFC 9670 */
	CAP_PRINCIPALS_OWNER,
	CAP_SMIME,      /* RFC 9219 */
	CAP_VAPID,      /* RFC 9749 */
	CAPABILITIES
};

struct jmap_method {
	const char *name; /* "Email/import" */
	enum jmap_capability capability;
	unsigned scope; /* enum jmap_scope that the login needs; 0: any */
	const struct jmap_argument *arguments; /* in addition to accountId */
	size_t argument_count;
	bool no_account; /* has no accountId: Core/echo, PushSubscription */
	bool own_only;   /* accountId must be the caller's or that of a group of the caller */
	jmap_method_fn *run;
	bool any_arguments; /* are not checked: Core/echo */
};

/* Methods of one file other than the standard ones; a row of types/registry.def. */
struct jmap_methods {
	const struct jmap_method *rows;
	size_t n;
};

/* --- A call --- */

struct jmap_request;
struct jmap_type;
struct map;

struct jmap_call {
	struct jmap_request *request;
	const struct jmap_server *server;
	const struct jmap_caller *caller;
	const struct jmap_method *method;
	const struct jmap_type *type; /* of a standard method; else NULL */
	struct arena *arena; /* of this call */
	struct str id;       /* the client's, for the response */
	struct json args;    /* checked; references and "#creation" ids in ID forms are resolved */
	uint32_t account;    /* behind accountId; the caller may see some of its mailboxes */
	bool own;            /* it is the caller's, or that of a group of the caller */
	struct json_writer *out; /* the response's arguments: an open object */
	const struct map *created; /* in /set: ids of its own creations so far; else NULL */
	/* set by jmap_refuse */
	const char *error;
	struct why why;
};

/* Answer with a method-level error (RFC 8620 3.6.2): type as "invalidArguments", and a sentence.
 * Static types only. Returns the value that the method returns. */
enum err jmap_refuse(struct jmap_call *c, const char *type, const char *fmt, ...) PRINTF(3, 4);

/* The mail of the call's account for the caller, in that transaction. */
struct mail_txn jmap_mail(const struct jmap_call *c, struct txn *t);

/* Arguments: missing or null gives the default. */
struct str jmap_arg_str(const struct jmap_call *c, const char *name);
bool jmap_arg_bool(const struct jmap_call *c, const char *name, bool def);
uint64_t jmap_arg_u64(const struct jmap_call *c, const char *name, uint64_t def);
struct json jmap_arg(const struct jmap_call *c, const char *name);

/* Is the capability in the request's using? */
bool jmap_uses(const struct jmap_call *c, enum jmap_capability cap);

/* Creation ids (RFC 8620 5.3): "#k1" stands for the id of an object that an earlier call of this
 * request created. creation has no "#". Unknown: an empty string. */
struct str jmap_creation_find(const struct jmap_call *c, struct str creation);
void jmap_creation_note(struct jmap_call *c, struct str creation, struct str id);
/* An id as the client wrote it: what "#k1" stands for, or id itself. For ids inside of FORM_OBJECT
 * and FORM_ANY, which the machinery does not resolve. Unknown: an empty string. */
struct str jmap_id_resolve(const struct jmap_call *c, struct str id);

/* Is v of that form (RFC 8620 1.1 to 1.4)? The largest number of elements is max, or
 * LIMIT_jmap_elements for 0. */
bool jmap_form_ok(struct json v, enum jmap_form form, unsigned flags, uint32_t max);

/* The account of an accountId that is an argument of another name (fromAccountId): does the caller
 * see it? */
bool jmap_account_find(const struct jmap_call *c, struct str id, uint32_t *account, bool *own);

/* The number of bytes in the response before which the method may write, for those that run again
 * from their start (txn_fn): jmap_rewind drops what was written since jmap_mark. */
struct jmap_mark {
	struct json_writer writer;
	size_t n;
};
struct jmap_mark jmap_mark(const struct json_writer *w);
void jmap_rewind(struct json_writer *w, const struct jmap_mark *mark);

/* Make another call after this one, with the same call id: onSuccessUpdateEmail,
 * onSuccessDestroyEmail (RFC 8621 7.5) and /copy's onSuccessDestroyOriginal. args is JSON
 * text, copied. */
void jmap_call_also(struct jmap_call *c, const char *method, struct str args);

#endif
