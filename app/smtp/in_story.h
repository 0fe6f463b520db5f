/* smtp/in_story.h: what the message trace says of mail that a session was refused. */
#ifndef SMTP_IN_STORY_H
#define SMTP_IN_STORY_H
#include "smtp/in_session.h"

/* A recipient of the present transaction was refused with this reply. */
void in_story_rcpt(struct in_session *s, const struct mailaddr *rcpt, unsigned code,
                   const char *enhanced, const char *text);
/* A check refused: the recipient that is asked about, or all of the transaction, or the session. */
void in_story_policy(struct in_session *s, const struct policy_verdict *v);
/* All of the present transaction was, with the sender from. body: as much of the message as
 * there is, or empty. */
void in_story_mail(struct in_session *s, const struct mailaddr *from, struct str body,
                   unsigned code, const char *enhanced, const char *text);

#endif
