/* formats/mailauth/dmarc_walk.c: see dmarc_walk.h. */
#include "formats/mailauth/dmarc_walk.h"

#include "formats/mailauth/dmarc_record.h"

enum { LABELS_ON = 7 }; /* longer names continue with this number */

enum dmarc_look dmarc_look(struct dmarc_asker *asker, struct str domain, struct str *text,
                           bool *nowhere)
{
	struct str name = str_fmt(asker->a, "_dmarc.%.*s", STR_ARG(domain));
	struct dns_text_list list;
	enum dns_status s = dns_txt(asker->dns, asker->a, name, asker->deadline_ms, &list);
	size_t n = 0;

	asker->queries++;
	*nowhere = s == DNS_NXDOMAIN;
	if (s == DNS_RETRY)
		return DMARC_LOOK_RETRY;
	for (size_t i = 0; s == DNS_OK && i < list.count; i++)
		if (dmarc_record_is(list.items[i])) {
			*text = list.items[i];
			n++;
		}
	return n == 0 ? DMARC_LOOK_NONE : n == 1 ? DMARC_LOOK_ONE : DMARC_LOOK_MANY;
}

static struct str parent(struct str name)
{
	ptrdiff_t dot = str_find_byte(name, '.');

	return dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n);
}

static size_t labels(struct str name)
{
	size_t n = 0;

	for (; name.n != 0; name = parent(name))
		n++;
	return n;
}

struct str dmarc_walk_next(struct str name)
{
	name = parent(name);
	for (size_t n = labels(name); n > LABELS_ON; n--)
		name = parent(name);
	return name;
}
