/* operations/doctor/meaning/meaning_reports.c: do reports that the domain asks for come to somebody
 * here? See meaning.h. */
#include "operations/doctor/meaning/meaning.h"

#include "formats/mailauth/dmarc_record.h"
#include "operations/doctor/own/own_reports.h"
#include "operations/doctor/sentence.h"

static enum own_reports fate_of(const struct meaning *m, const struct dmarc_uri *uri,
                                struct mailaddr *to)
{
	return dmarc_uri_mailto(uri, m->j->a, to) ? own_reports_find(m->j->reports, to)
	                                          : OWN_REPORTS_ELSEWHERE;
}

static void say_lost(struct meaning *m, const struct mailaddr *to)
{
	meaning_say(m, DNS_STATE_WARN,
	            sentence(m->j->a, reports_lost, { "address", mailaddr_text(m->j->a, to) },
	                     { "domain", to->domain }));
}

static void say_unread(struct meaning *m, const struct mailaddr *to)
{
	meaning_say(m, DNS_STATE_WARN,
	            sentence(m->j->a, reports_unread, { "address", mailaddr_text(m->j->a, to) }));
}

bool meaning_reports(struct meaning *m, const struct dmarc_uri *uris, size_t n)
{
	struct mailaddr to, unread;
	size_t unread_count = 0;

	for (size_t i = 0; m->j->reports != NULL && i < n; i++) {
		enum own_reports fate = fate_of(m, &uris[i], &to);

		if (fate == OWN_REPORTS_LOST) {
			say_lost(m, &to);
			return false;
		}
		if (fate == OWN_REPORTS_UNREAD && unread_count++ == 0)
			unread = to;
	}
	/* A copy for somebody's eyes is all right. */
	if (unread_count == 0 || unread_count != n)
		return true;
	say_unread(m, &unread);
	return false;
}
