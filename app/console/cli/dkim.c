/* console/cli/dkim.c: `roost dkim verify [FILE]`: the signatures of a message, and why they are
 * worth what they are. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "formats/mailauth/dkim_verify.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "network/dns/dns.h"

#include <stdlib.h>

enum { KEY_MS = 20000 };

static void dkim_print(const char *name, struct str text)
{
	if (text.n != 0)
		printf("%s: %.*s\n", name, STR_ARG(text));
}

static void say(const struct dkim_check *c)
{
	printf("%.*s\n", STR_ARG(dkim_result_text(c->result)));
	dkim_print("domain", c->signature.domain);
	dkim_print("selector", c->signature.selector);
	dkim_print("identity", c->signature.identity);
	dkim_print("algorithm", c->signature.algorithm_text);
	if (c->key_bits != 0)
		printf("key: %u bits\n", c->key_bits);
	if (c->testing)
		printf("testing: yes\n");
	dkim_print("why", str_of(c->why.text));
}

static int say_all(const struct dkim_verifier *v)
{
	if (v->count == 0)
		printf("none\n");
	for (size_t i = 0; i < v->count; i++) {
		if (i != 0)
			printf("\n");
		say(&v->checks[i]);
	}
	if (v->more != 0)
		printf("\n%zu more signatures were not looked at\n", v->more);
	return dkim_verify_overall(v) == DKIM_TEMPERROR ? EXIT_FAILURE : EXIT_SUCCESS;
}

static enum err verify(struct dns *dns, const char *path, struct arena *a, struct dkim_verifier *v,
                       struct why *why)
{
	struct body_hashes *bodies = arena_new(a, struct body_hashes);
	struct message_read *r = NULL;
	struct dkim_fields fields;
	struct str header, piece;
	enum err e = message_read_open(path, &r, &header, why);

	if (e != OK)
		goto out;
	dkim_fields_read(&fields, &header, 1, a);
	body_hashes_init(bodies);
	dkim_verify_begin(v, &fields, bodies, clock_real_ms() / 1000, a);
	while ((e = message_read_next(r, &piece, why)) == OK && piece.n != 0)
		body_hashes_put(bodies, piece);
	body_hashes_end(bodies);
	for (size_t i = 0; e == OK && i < v->question_count; i++)
		dkim_question_ask(&v->questions[i], dns, clock_mono_ms() + KEY_MS);
	dkim_verify_end(v);
out:
	message_read_close(&r);
	return e;
}

int cli_dkim_verify(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" };
	struct arena a = { 0 };
	struct dkim_verifier v;
	struct dns *dns = NULL;
	int status;

	if (command_dns(s, &a, &dns, &why) != OK ||
	    verify(dns, argc > 0 ? argv[0] : NULL, &a, &v, &why) != OK)
		status = command_failed("dkim", &why);
	else
		status = say_all(&v);
	dns_free(&dns);
	arena_deinit(&a);
	return status;
}
