/* flow/policy/milter/milter_macros.c: the macros that filters receive with commands. The
 * names are Sendmail's; docs/how-to/milters.md has the table. */
#include "flow/policy/milter/milter_talk.h"

#include "formats/message/mailaddr.h"

static struct str addr_of(struct policy_run *r, const struct mailaddr *addr)
{
	return mailaddr_text(policy_arena(r), addr);
}

static struct str macro_domain_of(const struct mailaddr *addr)
{
	return addr->domain.n != 0 ? addr->domain : str_from(NULL, 0);
}

static struct str macro_known(struct str s)
{
	return s.n != 0 ? s : str_from(NULL, 0);
}

/* "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256" */
static struct str tls_version(struct str tls)
{
	ptrdiff_t blank = str_find_byte(tls, ' ');

	return blank < 0 ? macro_known(tls) : str_sub(tls, 0, (size_t)blank);
}

static struct str tls_cipher(struct str tls)
{
	ptrdiff_t blank = str_find_byte(tls, ' ');

	return blank < 0 ? str_from(NULL, 0) : str_sub(tls, (size_t)blank + 1, tls.n);
}

static struct str tls_bits(struct str tls)
{
	static const struct {
		struct str in, bits;
	} rows[] = {
		{ STR("AES128"), STR("128") },  { STR("AES_128"), STR("128") },
		{ STR("AES256"), STR("256") },  { STR("AES_256"), STR("256") },
		{ STR("CHACHA20"), STR("256") }, { STR("3DES"), STR("168") },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_find(tls, rows[i].in) >= 0)
			return rows[i].bits;
	return str_from(NULL, 0);
}

/* The address in "192.0.2.1:25", "[2001:db8::1]:25", or its port. */
static struct str local_part(struct str text, bool port)
{
	ptrdiff_t colon = str_rfind_byte(text, ':');
	struct str host;

	if (colon < 0)
		return str_from(NULL, 0);
	if (port)
		return str_sub(text, (size_t)colon + 1, text.n);
	host = str_sub(text, 0, (size_t)colon);
	return host.n > 2 && host.p[0] == '[' ? str_sub(host, 1, host.n - 1) : host;
}

static struct str client(struct policy_run *r)
{
	const struct policy_session *s = policy_of(r);

	return str_fmt(policy_arena(r), "%.*s%s[%.*s]", STR_ARG(s->peer_name),
	               s->peer_name.n != 0 ? " " : "", STR_ARG(s->peer_text));
}

enum macro {
	M_J, M_V, M_UNDERSCORE, M_I,
	M_DAEMON_NAME, M_DAEMON_ADDR, M_DAEMON_PORT,
	M_CLIENT_ADDR, M_CLIENT_NAME, M_CLIENT_PORT,
	M_TLS_VERSION, M_CIPHER, M_CIPHER_BITS,
	M_AUTH_TYPE, M_AUTH_AUTHEN,
	M_MAIL_ADDR, M_MAIL_HOST, M_MAIL_MAILER,
	M_RCPT_ADDR, M_RCPT_HOST, M_RCPT_MAILER,
};

static const struct {
	const char *name;
	enum macro macro;
} names[] = {
	{ "j", M_J },
	{ "v", M_V },
	{ "_", M_UNDERSCORE },
	{ "i", M_I },
	{ "daemon_name", M_DAEMON_NAME },
	{ "daemon_addr", M_DAEMON_ADDR },
	{ "daemon_port", M_DAEMON_PORT },
	{ "client_addr", M_CLIENT_ADDR },
	{ "client_name", M_CLIENT_NAME },
	{ "client_ptr", M_CLIENT_NAME },
	{ "client_port", M_CLIENT_PORT },
	{ "tls_version", M_TLS_VERSION },
	{ "cipher", M_CIPHER },
	{ "cipher_bits", M_CIPHER_BITS },
	{ "auth_type", M_AUTH_TYPE },
	{ "auth_authen", M_AUTH_AUTHEN },
	{ "mail_addr", M_MAIL_ADDR },
	{ "mail_host", M_MAIL_HOST },
	{ "mail_mailer", M_MAIL_MAILER },
	{ "rcpt_addr", M_RCPT_ADDR },
	{ "rcpt_host", M_RCPT_HOST },
	{ "rcpt_mailer", M_RCPT_MAILER },
};

static struct str value(enum macro m, const struct milter_about *about)
{
	struct policy_run *r = about->run;
	const struct policy_session *s = policy_of(r);

	switch (m) {
	case M_J:
		return s->hostname;
	case M_V:
		return STR("Roost");
	case M_UNDERSCORE:
		return client(r);
	case M_I:
		return s->envelope.mail_id.n != 0 ? s->envelope.mail_id : s->id;
	case M_DAEMON_NAME:
		return s->service;
	case M_DAEMON_ADDR:
		return local_part(s->local_text, false);
	case M_DAEMON_PORT:
		return local_part(s->local_text, true);
	case M_CLIENT_ADDR:
		return macro_known(s->peer_text);
	case M_CLIENT_NAME:
		return s->peer_name.n != 0 ? s->peer_name : STR("unknown");
	case M_CLIENT_PORT:
		return str_fmt(policy_arena(r), "%u", s->peer.port);
	case M_TLS_VERSION:
		return tls_version(s->tls);
	case M_CIPHER:
		return tls_cipher(s->tls);
	case M_CIPHER_BITS:
		return tls_bits(s->tls);
	case M_AUTH_TYPE:
		return s->account != 0 ? macro_known(s->mechanism) : str_from(NULL, 0);
	case M_AUTH_AUTHEN:
		return macro_known(s->login);
	case M_MAIL_ADDR:
		return addr_of(r, &s->envelope.sender);
	case M_MAIL_HOST:
		return macro_domain_of(&s->envelope.sender);
	case M_RCPT_ADDR:
		return about->rcpt != NULL ? addr_of(r, about->rcpt) : str_from(NULL, 0);
	case M_RCPT_HOST:
		return about->rcpt != NULL ? macro_domain_of(about->rcpt) : str_from(NULL, 0);
	case M_MAIL_MAILER:
	case M_RCPT_MAILER:
		return STR("smtp");
	}
	return str_from(NULL, 0);
}

struct str milter_macro(struct str name, void *about)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(name, str_of(names[i].name)))
			return value(names[i].macro, about);
	return str_from(NULL, 0);
}
