/* model/search/search.h: an index of the words of all mail, so that SEARCH need not open messages.
 *
 *	text.h      the texts of a message, as SEARCH sees them: fields, parts
 *	token.h     a text's words
 *	posting.h   a list of document numbers, packed
 *	gather.h    a batch of messages: words with their documents, in memory
 *	segment.h   a batch in the store: blocks of words, columns for SORT and THREAD
 *	merge.h     several segments become one
 *	indexer.h   the thread that does this for new mail
 *	ids.h       a set of emails
 *	find.h      which emails may contain a pattern, or nearly do
 *	words.h     the words of a message, and its language
 *	fuzzy.h     what nearly matches, and how well
 *	snippet.h   where a text has it, for a reader
 *	columns.h   what SORT and THREAD read of many emails at once
 *
 * The index follows an account's mail, whose email ids only grow: everything up to an id is in
 * it, the rest is not yet. Who searches asks it about the former and reads the latter, so new
 * mail is found at once. Segments never change; each covers a range of ids:
 *
 *	id   1 ........ 4096 | 4097 .. 4500 | 4501 .. 4520 | 4521 4522
 *	     segment 7         segment 9      segment 12     not yet
 *
 * The answer of the index is exact where it can be: a pattern that is one word, or within one,
 * is in a text just when it is in a word of it. What it cannot say it leaves open, and the
 * message is read. It holds nothing that cannot be made again: a damaged one is dropped and
 * made anew in the background. Words of expunged mail leave it with the next merge. */
#ifndef SEARCH_H
#define SEARCH_H
#include "foundation/base/util.h"

/* Where a word stood. Stored: the numbers do not change. */
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
