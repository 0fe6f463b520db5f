/* model/mailbox/email/email_new_body.h: a prepared email. Private to the folder. */
#ifndef MAILBOX_EMAIL_NEW_BODY_H
#define MAILBOX_EMAIL_NEW_BODY_H
#include "foundation/base/arena.h"
#include "model/mailbox/email.h"

struct email_new {
	struct arena arena; /* the strings of email */
	struct email email;
	struct blob_draft *draft;
};

#endif
