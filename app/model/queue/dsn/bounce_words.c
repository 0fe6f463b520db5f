/* model/queue/dsn/bounce_words.c: see bounce_text.h. */
#include "model/queue/dsn/bounce_text.h"

/* Without the class: the difference of 4.x and 5.x is described separately. */
static const struct {
	struct str code;
	struct str words;
} rows[] = {
	{ STR("1.1"), STR("The mailbox does not exist. Check the spelling of the address.") },
	{ STR("1.2"), STR("The recipient's domain has no mail server.") },
	{ STR("1.3"), STR("The recipient's server rejects the syntax of the address.") },
	{ STR("1.6"), STR("The mailbox has moved without a new address.") },
	{ STR("1.10"), STR("The domain does not accept mail (null MX).") },
	{ STR("2.1"), STR("The mailbox is disabled.") },
	{ STR("2.2"), STR("The mailbox is full.") },
	{ STR("2.3"), STR("The message exceeds the size limit of the mailbox.") },
	{ STR("3.4"), STR("The message exceeds the size limit of the server.") },
	{ STR("4.1"), STR("The recipient's mail server does not answer.") },
	{ STR("4.2"), STR("The connection to the recipient's mail server was lost.") },
	{ STR("4.4"), STR("No route to the recipient's mail server was found.") },
	{ STR("4.6"), STR("The message loops between servers.") },
	{ STR("4.7"), STR("The message expired before it could be delivered.") },
	{ STR("6.7"),
	  STR("The recipient's server does not support non-ASCII addresses (SMTPUTF8).") },
	{ STR("7.1"), STR("The recipient's server rejected the message by policy.") },
	{ STR("7.2"), STR("You are not allowed to send to this list.") },
	{ STR("7.5"), STR("No encrypted connection to the recipient's server was possible.") },
	{ STR("7.10"),
	  STR("The message requires TLS (REQUIRETLS), and the next hop does not offer it.") },
	{ STR("7.23"),
	  STR("The recipient's server could not confirm that the mail is from your domain.") },
	{ STR("7.25"),
	  STR("The recipient's server rejects the reverse DNS name of the sending server.") },
	{ STR("7.26"),
	  STR("The recipient's server could not confirm that the mail is from your domain.") },
	{ STR("7.27"), STR("The sender's domain has a null MX record.") },
	{ STR("7.30"), STR("The recipient's server does not support REQUIRETLS.") },
};

struct str bounce_words(struct str status)
{
	ptrdiff_t dot = str_find_byte(status, '.');

	if (dot != 1 || (status.p[0] != '4' && status.p[0] != '5'))
		return STR_EMPTY;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_eq(str_sub(status, 2, status.n), rows[i].code))
			return rows[i].words;
	return STR_EMPTY;
}
