/* protocols/imap/search/answering.h: the answer to SEARCH, and to ESEARCH for each of its
 * mailboxes. A generator. */
#ifndef IMAP_ANSWERING_H
#define IMAP_ANSWERING_H
#include "protocols/imap/commands.h"

struct answering;

/* Begin to search the selected mailbox; lives in the command's arena. in: the name in the
 * response of ESEARCH (RFC 7377 2.1); else empty. NULL: s->reply is the error. */
struct answering *imap_answering_begin(struct imap *s, struct imap_search *what, struct str in);
/* Run a slice. DONE: s->reply is set. */
enum done imap_answering_go(struct imap *s, struct answering *g);
/* Free the memory outside the arena. Idempotent. */
void imap_answering_free(void *g);

#endif
