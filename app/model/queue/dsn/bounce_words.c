/* model/queue/dsn/bounce_words.c: see bounce_text.h. */
#include "model/queue/dsn/bounce_text.h"

/* Without the class: the difference of 4.x and 5.x is described separately. */
static const struct {
	struct str code;
	struct str words;
} rows[] = {
	{ STR("1.1"), STR("There is no mailbox with that name. Is the address spelled right?") },
	{ STR("1.2"), STR("There is no mail server for what stands behind the @.") },
	{ STR("1.3"), STR("The address is not of a form that server understands.") },
	{ STR("1.6"), STR("The person has moved and left no new address.") },
	{ STR("1.10"), STR("That domain takes no mail at all.") },
	{ STR("2.1"), STR("The mailbox is disabled.") },
	{ STR("2.2"), STR("The mailbox is full.") },
	{ STR("2.3"), STR("The message is longer than that mailbox takes.") },
	{ STR("3.4"), STR("The message is longer than that server takes.") },
	{ STR("4.1"), STR("Their mail server does not answer.") },
	{ STR("4.2"), STR("The connection to their mail server broke.") },
	{ STR("4.4"), STR("There is no way to their mail server.") },
	{ STR("4.6"), STR("The message goes round in circles between servers.") },
	{ STR("4.7"), STR("The time to deliver it is over.") },
	{ STR("6.7"), STR("Their server does not take addresses in this alphabet.") },
	{ STR("7.1"), STR("Their server does not let this message in.") },
	{ STR("7.2"), STR("You may not write to this list.") },
	{ STR("7.5"), STR("No encrypted connection to their server was possible.") },
	{ STR("7.10"), STR("You asked for encryption all the way, and it was not to be had.") },
	{ STR("7.23"), STR("Their server could not confirm that the mail is from your domain.") },
	{ STR("7.25"), STR("Their server does not trust the name of the sending server.") },
	{ STR("7.26"), STR("Their server could not confirm that the mail is from your domain.") },
	{ STR("7.27"), STR("Their server takes no mail from a domain that receives none.") },
	{ STR("7.30"), STR("You asked for encryption all the way; their server cannot do that.") },
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
