/* protocols/imap/search/named_search.h: named searches, which RFC 5466 calls filters
 * (protocols/imap/search/filter.h is about mailboxes).
 *
 * One is an entry of the server's annotations (model/mailbox/metadata.h),
 * "/private/filters/values/NAME" or "/shared/filters/values/NAME", whose value is the keys of a
 * SEARCH. The key "FILTER NAME" stands for them. What it stands for is looked up once, before
 * the command begins: a search that is followed (context.h) goes on with what it was. */
#ifndef IMAP_NAMED_SEARCH_H
#define IMAP_NAMED_SEARCH_H
#include "formats/imap_wire/metadata.h"
#include "formats/imap_wire/search.h"

struct imap;

/* Before anything else of a command that has a search program: put what they stand for in the place
 * of names. False: s->reply says why not. Cheap without names. */
bool imap_named_search_begin(struct imap *s, struct imap_search *what);
/* Can that entry of the server be set so (RFC 5466 3.2)? False: s->reply says why not. */
bool imap_named_search_settable(struct imap *s, const struct imap_metadata_entry *entry);

#endif
