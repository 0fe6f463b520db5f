/* model/search/search.h: an index of the words of all mail, so that SEARCH need not read messages.
 *
 *	text.h      the texts of a message for SEARCH: fields, parts
 *	token.h     a text's words
 *	posting.h   a compressed list of document numbers
 *	gather.h    a batch of messages: words with their documents, in memory
 *	segment.h   a batch in the store: blocks of words, columns for SORT and THREAD
 *	merge.h     merging of segments
 *	indexer.h   the thread that indexes new mail
 *	ids.h       a set of emails
 *	find.h      the emails that may contain a pattern, exactly or nearly
 *	words.h     the words of a message, and its language
 *	fuzzy.h     near matches and their scores
 *	snippet.h   the matching part of a text, for a reader
 *	columns.h   the sort keys of SORT and THREAD
 *
 * Email ids of an account only grow: the index contains all emails up to an id, and none above. A
 * search uses the index for the former and reads the latter, so new mail is found at once. Segments
 * are immutable; each covers a range of ids:
 *
 *	id   1 ........ 4096 | 4097 .. 4500 | 4501 .. 4520 | 4521 4522
 *	     segment 7         segment 9      segment 12     not indexed
 *
 * The index is exact where possible: a pattern that is one word or a part of one is in a text
 * exactly when it is in a word of it. Otherwise the index returns candidates, which are read. All
 * contents can be rebuilt: a damaged index is dropped and rebuilt in the background. Words of
 * expunged mail are removed by the next merge. */
#ifndef SEARCH_H
#define SEARCH_H
#include "foundation/base/util.h"

/* The field of a word. Stored: these numbers must not change. */
enum search_field {
	FIELD_SUBJECT,
	FIELD_FROM,
	FIELD_TO,
	FIELD_CC,
	FIELD_BCC,
	FIELD_OTHER, /* in another field of the header, or in a field's name */
	FIELD_BODY,
	SEARCH_FIELDS
};

enum { SEARCH_EVERYWHERE = (1 << SEARCH_FIELDS) - 1 };

#endif
