/* flow/submission/form_rules.h: the setting ROOST_FORMS: contact forms of web sites whose mail
 * comes to a mailbox here, one a line:
 *
 *	name=contact to=office@example.org origin=https://www.example.org subject="Web site"
 *
 * docs/how-to/contact-forms.md tells what the words mean. */
#ifndef SUBMISSION_FORM_RULES_H
#define SUBMISSION_FORM_RULES_H
#include "formats/message/mailaddr.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"

struct form_rule {
	struct str name; /* in the URL */
	struct mailaddr to;
	struct mailaddr from; /* in the header and the envelope           */
	struct str origins;   /* comma list; empty: this server's own pages */
	struct str subject;
	struct str redirect; /* URL; empty: a page of ours               */
	struct str reply;    /* field that has the visitor's address     */
	struct str trap;     /* field that only machines fill in         */
};

struct form_rules {
	struct form_rule *items;
	size_t count;
};

/* ERR_SYNTAX names the line and the error. Results borrow from text or live in a. */
enum err form_rules_parse(struct str text, struct arena *a, struct form_rules *out,
                          struct why *why) MUST_USE;
/* Is the setting of the form? why names it. */
enum err forms_check(struct str text, struct why *why) MUST_USE;

/* NULL: there is none. */
const struct form_rule *form_rule_find(const struct form_rules *rules, struct str name);

/* May a page of this origin ("https://www.example.org") send the form? own: as which our own pages
 * are reached. */
bool form_origin_ok(const struct form_rule *r, struct str origin, struct str own);

#endif
