/* console/api/clients/autoconfig.c: Mozilla's autoconfiguration, format 1.1
 * (https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat), which Thunderbird,
 * K-9, Evolution, KMail and others ask for at autoconfig.DOMAIN and at DOMAIN/.well-known. */
#include "console/api/clients/client_setup.h"
#include "foundation/text/markup.h"

static void server_put(struct buf *out, const struct client_setup *s, const struct client_server *c)
{
	const char *direction = str_eq(str_of(c->protocol), STR("smtp")) ? "outgoing" : "incoming";

	buf_fmt(out, "    <%sServer type=\"%s\">\n      <hostname>", direction, c->protocol);
	markup_text(out, s->hostname);
	buf_fmt(out,
	        "</hostname>\n      <port>%u</port>\n      <socketType>%s</socketType>\n"
	        "      <authentication>password-cleartext</authentication>\n"
	        "      <username>%%EMAILADDRESS%%</username>\n    </%sServer>\n",
	        c->port, c->tls ? "SSL" : "STARTTLS", direction);
}

void client_autoconfig(const struct http_request *q, struct http_response *r)
{
	struct client_setup s;
	struct str domain;

	if (!client_domain(q, http_argument(q, "emailaddress"), &domain)) {
		http_say(r, 404, "no such mail domain here");
		return;
	}
	client_setup_make(&s, q->context, q->arena);
	r->type = "text/xml; charset=utf-8";
	buf_put(&r->body, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig "
	                      "version=\"1.1\">\n  <emailProvider id=\""));
	markup_text(&r->body, domain);
	buf_put(&r->body, STR("\">\n    <domain>"));
	markup_text(&r->body, domain);
	buf_put(&r->body, STR("</domain>\n    <displayName>"));
	markup_text(&r->body, domain);
	buf_put(&r->body, STR("</displayName>\n    <displayShortName>"));
	markup_text(&r->body, domain);
	buf_put(&r->body, STR("</displayShortName>\n"));
	for (size_t i = 0; i < s.count; i++)
		server_put(&r->body, &s, &s.servers[i]);
	buf_put(&r->body, STR("  </emailProvider>\n</clientConfig>\n"));
}
