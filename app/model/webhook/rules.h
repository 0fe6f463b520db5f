/* model/webhook/rules.h: the setting ROOST_WEBHOOKS: one application a line that is notified of the
 * results of mail,
 *
 *	https://shop.example/mail secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
 *	http://crm:8080/bounces events=bounced from=*@news.example.org tag=bill-*
 *
 * and the syntax that it shares with ROOST_HOOKS. docs/how-to/webhooks.md describes them. */
#ifndef WEBHOOK_RULES_H
#define WEBHOOK_RULES_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "model/webhook/webhook.h"

struct rule;

struct webhook_rule {
	struct str name; /* for logs: name=, or the URL's host          */
	struct str url;
	struct str secret;    /* bytes; empty: requests are not signed      */
	unsigned events;      /* BIT(enum webhook_kind)                     */
	struct str from, tag; /* patterns of foundation/config/rules.h; empty: any     */
};

struct webhook_rules {
	struct webhook_rule *items;
	size_t count;
};

/* ERR_SYNTAX names the line and the error, without secrets. Results borrow from text and live in
 * a. */
enum err webhook_rules_parse(struct str text, struct arena *a, struct webhook_rules *out,
                             struct why *why) MUST_USE;

/* Does the rule apply to such an event? from: the sender's address as text. */
bool webhook_rule_wants(const struct webhook_rule *r, enum webhook_kind kind, struct str from,
                        struct str tag);

/* The host of "https://host:port/path" or http; false: no such URL. */
bool webhook_url_host(struct str url, struct str *out);
/* Parse the word secret=: "whsec_" and base64, as in Standard Webhooks, otherwise the bytes
 * themselves; *out is unchanged without one. ERR_SYNTAX as rule_fail. */
enum err webhook_secret_parse(const struct rule *r, struct arena *a, struct str *out,
                              struct why *why) MUST_USE;

#endif
