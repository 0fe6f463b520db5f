/* network/http_server/forwarded.c: see forwarded.h. */
#include "network/http_server/forwarded.h"

/* Take the last element of a comma list off; false when there is none. */
static bool last(struct str *list, struct str *out)
{
	ptrdiff_t comma = str_rfind_byte(*list, ',');

	if (list->n == 0)
		return false;
	*out = str_trim(str_sub(*list, (size_t)(comma + 1), list->n));
	*list = str_sub(*list, 0, comma < 0 ? 0 : (size_t)comma);
	return true;
}

/* An address, with or without a port; "*:80" is not a client. */
static bool client_parse(struct str text, struct addr *out)
{
	return (addr_parse_ip(text, out) || addr_parse(text, out)) && out->family != ADDR_ANY;
}

void http_forwarded(const struct network_list *trusted, struct str forwarded_for, struct str proto,
                    struct str host, struct http_origin *origin)
{
	struct addr before;
	struct str text;

	if (!network_list_has(trusted, &origin->peer))
		return;
	origin->proxied = true;
	/* A malformed address ends the chain: the proxy that passed it on is the client. */
	while (network_list_has(trusted, &origin->peer) && last(&forwarded_for, &text) &&
	       client_parse(text, &before))
		origin->peer = before;
	if (last(&proto, &text))
		origin->tls = str_eqi(text, STR("https"));
	if (last(&host, &text) && text.n != 0)
		origin->host = text;
}
