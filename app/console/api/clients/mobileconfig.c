/* console/api/clients/mobileconfig.c: a configuration profile for Apple's mail programs
 * (https://developer.apple.com/documentation/devicemanagement/mail). Without an address the
 * device asks for it. The profile holds no password. */
#include "console/api/clients/client_setup.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/markup.h"

#include <stdio.h>

/* A UUID that is the same for the same account and part of the profile, so that installing it
 * again replaces the old one (RFC 9562 5.8: version 8, made our way). */
static struct str uuid_of(struct arena *a, const struct client_setup *s, struct str address,
                          const char *part)
{
	uint8_t h[HASH_BYTES];

	hash_blake2b_256(str_fmt(a, "%.*s|%.*s|%s", STR_ARG(s->hostname), STR_ARG(address), part),
	                 h);
	h[6] = (uint8_t)(0x80 | (h[6] & 0x0f));
	h[8] = (uint8_t)(0x80 | (h[8] & 0x3f));
	return str_fmt(a, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X",
	               h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11],
	               h[12], h[13], h[14], h[15]);
}

static void put_text(struct buf *out, const char *key, struct str value)
{
	buf_fmt(out, "<key>%s</key><string>", key);
	markup_text(out, value);
	buf_put(out, STR("</string>\n"));
}

static void put_whole(struct buf *out, const char *key, unsigned n)
{
	buf_fmt(out, "<key>%s</key><integer>%u</integer>\n", key, n);
}

static void put_bool(struct buf *out, const char *key, bool b)
{
	buf_fmt(out, "<key>%s</key><%s/>\n", key, b ? "true" : "false");
}

/* direction is "Incoming" or "Outgoing". */
static void server_put(struct buf *out, const char *direction, const struct client_setup *s,
                       const struct client_server *c, struct str address)
{
	char key[64];
	const struct {
		const char *suffix;
		struct str value;
	} texts[] = { { "HostName", s->hostname }, { "Username", address } };

	for (size_t i = 0; i < COUNT(texts); i++) {
		snprintf(key, sizeof key, "%sMailServer%s", direction, texts[i].suffix);
		if (texts[i].value.n != 0)
			put_text(out, key, texts[i].value);
	}
	snprintf(key, sizeof key, "%sMailServerAuthentication", direction);
	put_text(out, key, STR("EmailAuthPassword"));
	snprintf(key, sizeof key, "%sMailServerPortNumber", direction);
	put_whole(out, key, c->port);
	/* The same key stands for STARTTLS: which of both, the device finds by the port. */
	snprintf(key, sizeof key, "%sMailServerUseSSL", direction);
	put_bool(out, key, true);
}

static void payload_put(struct buf *out, struct arena *a, const struct client_setup *s,
                        struct str address, struct str domain)
{
	const struct client_server *in = client_setup_best(s, "imap");
	const struct client_server *to = client_setup_best(s, "smtp");

	put_text(out, "PayloadType", STR("com.apple.mail.managed"));
	put_text(out, "PayloadIdentifier", str_fmt(a, "%.*s.mail", STR_ARG(s->hostname)));
	put_text(out, "PayloadUUID", uuid_of(a, s, address, "mail"));
	put_text(out, "PayloadDisplayName", domain);
	put_whole(out, "PayloadVersion", 1);
	put_text(out, "EmailAccountType", STR("EmailTypeIMAP"));
	put_text(out, "EmailAccountDescription", domain);
	if (address.n != 0)
		put_text(out, "EmailAddress", address);
	server_put(out, "Incoming", s, in, address);
	server_put(out, "Outgoing", s, to, address);
	put_bool(out, "OutgoingPasswordSameAsIncomingPassword", true);
}

void client_mobileconfig(const struct http_request *q, struct http_response *r)
{
	struct str address = http_argument(q, "address"), domain;
	struct client_setup s;
	struct buf *out = &r->body;

	client_setup_make(&s, q->context, q->arena);
	if (!client_domain(q, address, &domain)) {
		http_say(r, 404, "no such mail domain here");
		return;
	}
	if (client_setup_best(&s, "imap") == NULL || client_setup_best(&s, "smtp") == NULL) {
		http_say(r, 404, "IMAP or submission is off");
		return;
	}
	r->type = "application/x-apple-aspen-config";
	http_set(r, "Content-Disposition", STR("attachment; filename=\"mail.mobileconfig\""));
	buf_put(out,
	        STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	            "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	            "<plist version=\"1.0\"><dict>\n<key>PayloadContent</key><array><dict>\n"));
	payload_put(out, q->arena, &s, address, domain);
	buf_put(out, STR("</dict></array>\n"));
	put_text(out, "PayloadType", STR("Configuration"));
	put_text(out, "PayloadIdentifier", s.hostname);
	put_text(out, "PayloadUUID", uuid_of(q->arena, &s, address, "profile"));
	put_text(out, "PayloadDisplayName", str_fmt(q->arena, "Mail at %.*s", STR_ARG(domain)));
	put_whole(out, "PayloadVersion", 1);
	buf_put(out, STR("</dict></plist>\n"));
}
