/* console/api/api_clients.c: GET /api/client-settings: what a person types into a mail program, and
 * the code that a telephone reads instead. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "console/api/clients/client_setup.h"
#include "foundation/text/qr.h"

/* Bytes that an address may have and a query string not. */
static void put_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_alnum(s.p[i]) || str_find_byte(STR("-._~@"), s.p[i]) >= 0)
			buf_byte(out, s.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

static struct str profile_qr(struct api_call *c, const struct client_setup *s, struct str address)
{
	struct buf url, svg;
	struct str out = STR_EMPTY;

	buf_init(&url, 1000);
	buf_init(&svg, 1 << 17);
	buf_put(&url, client_url(s, "/apple.mobileconfig?address=", c->arena));
	put_escaped(&url, address);
	if (buf_ok(&url) &&
	    qr_svg(&svg, buf_str(&url), STR("Set up mail on an Apple device")))
		out = str_dup(c->arena, buf_str(&svg));
	buf_deinit(&url);
	buf_deinit(&svg);
	return out;
}

static void server_put(struct api_call *c, const char *name, const struct client_setup *s,
                       struct str address)
{
	const struct client_server *server = client_setup_best(s, name);

	if (server == NULL) {
		json_put_null(c->out, name);
		return;
	}
	json_open(c->out, name, '{');
	json_put_str(c->out, "host", s->hostname);
	json_put_u64(c->out, "port", server->port);
	json_put_str(c->out, "security", server->tls ? STR("TLS") : STR("STARTTLS"));
	json_put_str(c->out, "user", address);
	json_close(c->out);
}

enum err api_client_settings(struct api_call *c)
{
	struct str address = api_argument(c, "address"), domain;
	struct client_setup s;

	if (address.n == 0)
		address = c->who.address;
	if (!client_domain(c->http, address, &domain))
		return fail(&c->why, ERR_MISSING, "there is no such mail domain here");
	client_setup_make(&s, c->admin, c->arena);
	json_open(c->out, NULL, '{');
	server_put(c, "imap", &s, address);
	server_put(c, "smtp", &s, address);
	json_put_str(c->out, "profile", client_url(&s, "/apple.mobileconfig", c->arena));
	json_put_str(c->out, "qr", profile_qr(c, &s, address));
	json_close(c->out);
	return OK;
}
