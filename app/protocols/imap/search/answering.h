/* protocols/imap/search/answering.h: the answer to SEARCH, and to ESEARCH for each of its
 * mailboxes. A generator. */
#ifndef IMAP_ANSWERING_H
#define IMAP_ANSWERING_H
#include "protocols/imap/commands.h"

struct answering;

/* Begin to search the selected mailbox; in the command's arena. in: ESEARCH, which tells the name
 * (RFC 7377 2.1); else empty. NULL: s->reply says why not. */
struct answering *imap_answering_begin(struct imap *s, struct imap_search *what, struct str in);
/* A slice. DONE: s->reply is set. */
enum done imap_answering_go(struct imap *s, struct answering *g);
/* What it holds outside the arena. Again is a no-op. */
void imap_answering_free(void *g);

#endif
