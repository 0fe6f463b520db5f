/* console/api/clients/autodiscover.c: what Outlook asks: version 1, "plain old XML" ([MS-OXDSCLI]
 * 2.2), by POST, and version 2, JSON that leads to version 1.
 *
 * Only the address of the request is used, so it is not parsed as XML: the text between
 * <EMailAddress> and the next "<" is the address if its domain is local. */
#include "console/api/clients/client_setup.h"
#include "foundation/text/json.h"
#include "foundation/text/markup.h"

#include <strings.h>

static const struct str schema =
	STR("http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a");

static struct str address_in(struct str body)
{
	static const struct str tag = STR("<EMailAddress>");
	ptrdiff_t at = str_find(body, tag), end;

	if (at < 0)
		return STR_EMPTY;
	body = str_sub(body, (size_t)at + tag.n, body.n);
	end = str_find_byte(body, '<');
	return end < 0 ? STR_EMPTY : str_trim(str_sub(body, 0, (size_t)end));
}

static void protocol_put(struct buf *out, const struct client_setup *s, const char *type,
                         const struct client_server *c, struct str address)
{
	if (c == NULL)
		return;
	buf_fmt(out, "      <Protocol>\n        <Type>%s</Type>\n        <Server>", type);
	markup_text(out, s->hostname);
	buf_fmt(out, "</Server>\n        <Port>%u</Port>\n", c->port);
	if (address.n != 0) {
		buf_put(out, STR("        <LoginName>"));
		markup_text(out, address);
		buf_put(out, STR("</LoginName>\n"));
	}
	buf_fmt(out,
	        "        <DomainRequired>off</DomainRequired>\n        <SPA>off</SPA>\n"
	        "        <SSL>%s</SSL>\n        <Encryption>%s</Encryption>\n"
	        "        <AuthRequired>on</AuthRequired>\n      </Protocol>\n",
	        c->tls ? "on" : "off", c->tls ? "SSL" : "TLS");
}

/* The answer for another domain is in the same form: Outlook looks for its ErrorCode. */
static void error_put(struct buf *out)
{
	buf_put(out, STR("  <Response>\n    <Error>\n      <ErrorCode>600</ErrorCode>\n"
	                 "      <Message>No such mail domain here</Message>\n    </Error>\n"
	                 "  </Response>\n"));
}

static void answer_put(struct buf *out, const struct client_setup *s, struct str address)
{
	buf_fmt(out, "  <Response xmlns=\"%.*s\">\n    <User>\n      <DisplayName>",
	        STR_ARG(schema));
	markup_text(out, address);
	buf_put(out, STR("</DisplayName>\n    </User>\n    <Account>\n"
	                 "      <AccountType>email</AccountType>\n"
	                 "      <Action>settings</Action>\n"));
	protocol_put(out, s, "IMAP", client_setup_best(s, "imap"), address);
	protocol_put(out, s, "SMTP", client_setup_best(s, "smtp"), address);
	buf_put(out, STR("    </Account>\n  </Response>\n"));
}

/* Also a GET, or a body without an address, gets an answer: Outlook then asks for the name. */
void client_autodiscover_xml(const struct http_request *q, struct http_response *r)
{
	struct str address = address_in(q->body), domain;
	struct client_setup s;

	client_setup_make(&s, q->context, q->arena);
	r->type = "text/xml; charset=utf-8";
	buf_put(&r->body, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Autodiscover "
	                      "xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/"
	                      "responseschema/2006\">\n"));
	if (address.n != 0 && !client_domain(q, address, &domain))
		error_put(&r->body);
	else
		answer_put(&r->body, &s, address);
	buf_put(&r->body, STR("</Autodiscover>\n"));
}

static void json_error(struct http_response *r, unsigned status, const char *code, const char *text)
{
	struct json_writer w;

	r->status = status;
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	json_put_str(&w, "ErrorCode", str_of(code));
	json_put_str(&w, "ErrorMessage", str_of(text));
	json_close(&w);
}

/* ?Email=user@example.org or .json/v1.0/user@example.org */
static struct str json_address(const struct http_request *q)
{
	ptrdiff_t slash = str_rfind_byte(q->rest, '/');
	struct str address = http_argument(q, "Email");

	return address.n != 0 ? address : str_sub(q->rest, (size_t)(slash + 1), q->rest.n);
}

void client_autodiscover_json(const struct http_request *q, struct http_response *r)
{
	struct str protocol = http_argument(q, "Protocol");
	struct str address = json_address(q);
	struct client_setup s;
	struct json_writer w;
	struct str domain;

	r->type = "application/json";
	client_setup_make(&s, q->context, q->arena);
	if (!str_eqi(protocol, STR("AutodiscoverV1"))) {
		json_error(r, 400, "InvalidProtocol", "Only AutodiscoverV1 is here");
		return;
	}
	if (address.n != 0 && !client_domain(q, address, &domain)) {
		json_error(r, 404, "UserNotFound", "No such mail domain here");
		return;
	}
	json_writer_init(&w, &r->body);
	json_open(&w, NULL, '{');
	json_put_str(&w, "Protocol", STR("AutodiscoverV1"));
	json_put_str(&w, "Url", client_url(&s, "/autodiscover/autodiscover.xml", q->arena));
	json_close(&w);
}
