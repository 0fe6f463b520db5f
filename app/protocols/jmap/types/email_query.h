/* protocols/jmap/types/email_query.h: Email/query and Email/queryChanges (RFC 8621 4.4, 4.5): what
 * the type Email has for them, and filters for SearchSnippet/get. */
#ifndef JMAP_EMAIL_QUERY_H
#define JMAP_EMAIL_QUERY_H
#include "model/query/email_query.h"
#include "protocols/jmap/request/type.h"

enum { EMAIL_QUERY_ARGUMENTS = 1, EMAIL_CONDITIONS = 20 };
extern const struct jmap_argument email_query_arguments[EMAIL_QUERY_ARGUMENTS];
extern const struct jmap_argument email_conditions[EMAIL_CONDITIONS];
extern const char *const email_sorts[];

enum err email_query_run(struct jmap_query *q) MUST_USE;
enum err email_query_changed(struct jmap_query *q, struct jmap_changes *c) MUST_USE;

/* Compile q->filter, which is checked, in q->m: fill in filter and conditions. Memory is q's.
 * *threads: a condition is about threads. */
enum err email_filter_make(struct jmap_query *q, struct email_query *out, bool *threads) MUST_USE;

#endif
