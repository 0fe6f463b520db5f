/* protocols/imap/search/named_search.h: named searches, which RFC 5466 calls filters
 * (protocols/imap/search/filter.h is about mailboxes).
 *
 * A named search is an annotation of the server (model/mailbox/metadata.h),
 * "/private/filters/values/NAME" or "/shared/filters/values/NAME". Its value is the keys
 * of a SEARCH, which the key "FILTER NAME" stands for. The value is read once, before the
 * command begins: a followed search (context.h) keeps that value. */
#ifndef IMAP_NAMED_SEARCH_H
#define IMAP_NAMED_SEARCH_H
#include "formats/imap_wire/metadata.h"
#include "formats/imap_wire/search.h"

struct imap;

/* Replace names by their keys, before any other step of a command with a search program.
 * False: s->reply is the error. Cheap without names. */
bool imap_named_search_begin(struct imap *s, struct imap_search *what);
/* May that entry of the server have this value (RFC 5466 3.2)? False: s->reply is the
 * error. */
bool imap_named_search_settable(struct imap *s, const struct imap_metadata_entry *entry);

#endif
