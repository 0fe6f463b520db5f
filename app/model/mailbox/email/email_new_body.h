/* model/mailbox/email/email_new_body.h: a prepared email. Private to the folder. */
#ifndef MAILBOX_EMAIL_NEW_BODY_H
#define MAILBOX_EMAIL_NEW_BODY_H
#include "foundation/base/arena.h"
#include "model/mailbox/email.h"
#include "model/mailbox/thread.h"

struct email_new {
	struct arena arena; /* the strings of email */
	struct email email;
	struct thread_keys thread_keys;
	struct blob_draft *draft;
};

#endif
