/* protocols/imap/event.h: runs the script of a mailbox after a command has changed it (RFC 6785;
 * flow/imapsieve/imapsieve.h). */
#ifndef IMAP_EVENT_H
#define IMAP_EVENT_H
#include "flow/imapsieve/imapsieve.h"

struct imap;

/* Cause, mailbox, uids, changed and account of the event are set; account 0: that of the
 * selected mailbox. After the commit of the change;
 * no transaction may be open. Other sessions and this one see what the script changes as changes
 * by others. */
void imap_event_run(struct imap *s, struct imapsieve_event event);

#endif
