/* flow/filtering/rules.h: filters without a script: rules, forwarding, blocked and allowed senders.
 *
 * The settings are JSON, the shape "filters" of console/api/shapes.def, which refuses unknown
 * members. They become a Sieve script (formats/sieve/sieve.h), which runs in this order:
 *
 *	blocked senders, allowed senders, forwarding of all mail, the rules in their order
 *
 * Mail of an allowed sender is stored in INBOX instead of Junk, unless a rule moves it. Discarded
 * and rejected mail passes no further rule. Mail that a rule has stored or sent on is not rejected
 * by a later one (RFC 5429 2.3). Junk is not forwarded by the forwarding of all mail. */
#ifndef FILTERING_RULES_H
#define FILTERING_RULES_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/err.h"
#include "foundation/text/json.h"

enum {
	RULES_MAX = 200,
	RULE_PARTS_MAX = 50,    /* conditions, and actions, of a rule */
	RULE_NAME_MAX = 200,    /* bytes                              */
	RULE_VALUE_MAX = 1000,  /* bytes                              */
	RULE_REJECT_MAX = 4000, /* bytes of a text                    */
};

enum rule_field {
	RULE_FROM,
	RULE_TO,
	RULE_TO_CC,
	RULE_SUBJECT,
	RULE_HEADER, /* of any name */
	RULE_BODY,
	RULE_LIST, /* List-Id (RFC 2919) */
	RULE_SIZE,
	RULE_ATTACHMENT, /* it has one               */
	RULE_SPAM,       /* the checks of policy/ put it into Junk */
	RULE_FIELDS,
};

enum rule_operator {
	RULE_CONTAINS,
	RULE_IS,
	RULE_STARTS,
	RULE_ENDS,
	RULE_MATCHES, /* with * and ?                              */
	RULE_REGEX,   /* POSIX extended (foundation/text/regex.h) */
	RULE_OVER,    /* the size                                  */
	RULE_UNDER,
	RULE_OPERATORS,
};

struct rule_condition {
	enum rule_field field;
	enum rule_operator op; /* of RULE_ATTACHMENT and RULE_SPAM: none */
	bool negate;
	struct str header; /* name, of RULE_HEADER */
	struct str value;  /* of a size: digits with an optional K, M or G */
};

enum rule_verb {
	RULE_MOVE, /* to the mailbox of value, created if it does not exist */
	RULE_COPY,
	RULE_READ,
	RULE_FLAG,
	RULE_KEYWORD,
	RULE_FORWARD, /* to the address of value */
	RULE_REJECT,  /* with the text of value  */
	RULE_DISCARD,
	RULE_STOP, /* no further rules */
	RULE_VERBS,
};

struct rule_action {
	enum rule_verb verb;
	struct str value;
	bool copy; /* RULE_FORWARD: the message is also kept */
};

struct rule {
	struct str name;
	bool on, any;                      /* any: one condition is enough */
	struct rule_condition *conditions; /* none: all mail */
	size_t conditions_n;
	struct rule_action *actions; /* at least one */
	size_t actions_n;
};

struct rules {
	struct rule *items;
	size_t n;
	bool forward, forward_copy; /* all mail; and keep it here too */
	struct str forward_to;
	struct str *blocked, *allowed; /* senders: addresses and domains */
	size_t blocked_n, allowed_n;
	bool discard; /* blocked mail is discarded, not stored in Junk */
};

/* Read settings. Strings are borrowed from the document or live in a. ERR_SYNTAX: why names the
 * member. */
enum err rules_read(struct arena *a, struct json settings, struct rules *out,
                    struct why *why) MUST_USE;
/* Append the settings as an object; read again they are the same. */
void rules_put(struct json_writer *w, const char *name, const struct rules *r);
/* Append the script; nothing if no setting does anything. */
void rules_sieve(const struct rules *r, struct buf *out);

#endif
