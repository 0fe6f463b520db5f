/* protocols/imap/event.c: see event.h. */
#include "protocols/imap/event.h"

#include "protocols/imap/session.h"

void imap_event_run(struct imap *s, struct imapsieve_event event)
{
	if (s->server->delivery == NULL)
		return;
	if (event.account == 0)
		event.account = s->selected.account ? s->selected.account
		                                    : s->login.login.account;
	event.user = s->login.login.address;
	event.session = conn_id(s->conn);
	imapsieve_run(s->server->delivery, &event);
}
