/* console/cli/arc.c: `roost arc verify [FILE]`: is the chain of a message right; `roost arc seal
 * KEY FILE NAME=VALUE...`: the set that a sealer would add, with a key of one's own. */
#include "console/cli/command.h"

#include "console/cli/cli_private.h"
#include "formats/mailauth/arc.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/crypto/key.h"
#include "network/dns/dns.h"

#include <stdlib.h>

enum { KEY_MS = 20000, PEM_MAX = 64 << 10, SET_MAX = 1 << 20 };

/* A message that is being looked at. */
struct work {
	struct arena a;
	struct dns *dns; /* NULL: nothing is asked */
	struct message_read *r;
	struct dkim_fields fields;
	struct body_hashes bodies;
	struct arc_verifier v;
};

/* Up to the end of its body, whose relaxed hash is wanted besides. */
static enum err work_read(struct work *w, const char *path, struct why *why)
{
	struct str header, piece;
	enum err e = message_read_open(path, &w->r, &header, why);

	if (e != OK)
		return e;
	dkim_fields_read(&w->fields, &header, 1, &w->a);
	body_hashes_init(&w->bodies);
	body_hashes_add(&w->bodies, CANON_RELAXED);
	arc_verify_begin(&w->v, &w->fields, w->dns != NULL ? &w->bodies : NULL,
	                 clock_real_ms() / 1000, &w->a);
	while ((e = message_read_next(w->r, &piece, why)) == OK && piece.n != 0)
		body_hashes_put(&w->bodies, piece);
	body_hashes_end(&w->bodies);
	return e;
}

static void work_deinit(struct work *w)
{
	message_read_close(&w->r);
	dns_free(&w->dns);
	arena_deinit(&w->a);
}

/* --- verify ---------------------------------------------------------------------------------- */

static int say(const struct arc_verifier *v)
{
	printf("%.*s\n", STR_ARG(arc_result_text(v->result)));
	for (size_t i = v->count; i-- > 0;)
		if (v->sets[i].sealed.domain.n != 0)
			printf("sealer %zu: %.*s\n", i + 1, STR_ARG(v->sets[i].sealed.domain));
	if (v->why.text[0] != '\0')
		printf("why: %s\n", v->why.text);
	return v->unanswered ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_arc_verify(const struct settings *s, int argc, char **argv)
{
	struct why why = { "" };
	struct work w = { 0 };
	int status;

	if (command_dns(s, &w.a, &w.dns, &why) != OK ||
	    work_read(&w, argc > 0 ? argv[0] : NULL, &why) != OK) {
		status = command_failed("arc", &why);
	} else {
		for (size_t i = 0; i < w.v.question_count; i++)
			dkim_question_ask(&w.v.questions[i], w.dns, clock_mono_ms() + KEY_MS);
		arc_verify_end(&w.v);
		status = say(&w.v);
	}
	work_deinit(&w);
	return status;
}

/* --- seal ------------------------------------------------------------------------------------ */

struct wish {
	struct arc_sealer sealer;
	int64_t now_s;
};

static bool cv_read(struct str value, enum arc_result *out)
{
	for (*out = ARC_NONE; *out < ARC_RESULTS; (*out)++)
		if (str_eq(value, arc_result_text(*out)))
			return true;
	return false;
}

static bool time_read(struct str value, int64_t *out)
{
	struct cur c = cur_of(value);
	uint32_t n;

	if (!cur_u32(&c, &n) || !cur_done(&c))
		return false;
	*out = n;
	return true;
}

static bool wish_take(struct str name, struct str value, struct wish *w)
{
	if (str_eq(name, STR("cv")))
		return cv_read(value, &w->sealer.cv);
	if (str_eq(name, STR("time")))
		return time_read(value, &w->now_s);
	if (str_eq(name, STR("domain")))
		w->sealer.key.domain = value;
	else if (str_eq(name, STR("selector")))
		w->sealer.key.selector = value;
	else if (str_eq(name, STR("results")))
		w->sealer.results = value;
	else if (str_eq(name, STR("names")))
		w->sealer.names = value;
	else
		return false;
	return true;
}

static enum err wishes_read(int argc, char **argv, struct wish *w, struct why *why)
{
	*w = (struct wish){ .sealer.key.algorithm = DKIM_RSA_SHA256,
		            .now_s = clock_real_ms() / 1000 };
	for (int i = 0; i < argc; i++) {
		struct str arg = str_of(argv[i]);
		ptrdiff_t at = str_find_byte(arg, '=');

		if (at < 0 ||
		    !wish_take(str_sub(arg, 0, (size_t)at), str_sub(arg, (size_t)at + 1, arg.n), w))
			return fail(why, ERR_SYNTAX,
			            "\"%s\": takes domain, selector, results, cv, time and names",
			            argv[i]);
	}
	if (w->sealer.key.domain.n == 0 || w->sealer.key.selector.n == 0 ||
	    w->sealer.results.n == 0)
		return fail(why, ERR_SYNTAX, "domain, selector and results are needed");
	return OK;
}

static enum err key_read(const char *path, struct key **out, struct why *why)
{
	char pem[PEM_MAX];
	FILE *from = fopen(path, "rb");
	size_t n;
	enum err e;

	if (from == NULL)
		return fail_errno(why, "%s", path);
	n = fread(pem, 1, sizeof pem, from);
	fclose(from);
	e = key_read_pem(str_from(pem, n), out, why);
	if (e == OK && key_type(*out) != KEY_RSA)
		e = fail(why, ERR_SYNTAX, "%s is no RSA key", path);
	return e;
}

static enum err seal(struct work *w, const struct wish *wish, struct why *why)
{
	enum err e = OK;
	struct buf b;

	buf_init(&b, SET_MAX);
	if (arc_seal(&b, &wish->sealer, &w->v, &w->fields,
	             body_hashes_digest(&w->bodies, CANON_RELAXED), wish->now_s))
		printf("%.*s", STR_ARG(buf_str(&b)));
	else if (!w->v.closed) /* else nothing is to be added: RFC 8617 5.1 */
		e = fail(why, ERR_CONFLICT, "that cannot be said of the chain that is there");
	buf_deinit(&b);
	return e;
}

int cli_arc_seal(const struct settings *s, int argc, char **argv)
{
	struct work w = { .a.secret = true };
	struct key *key = NULL;
	struct why why = { "" };
	int status = EXIT_SUCCESS;
	struct wish wish;

	(void)s;
	if (wishes_read(argc - 2, argv + 2, &wish, &why) != OK ||
	    key_read(argv[0], &key, &why) != OK || work_read(&w, argv[1], &why) != OK) {
		status = command_failed("arc", &why);
	} else {
		wish.sealer.key.rsa = key;
		if (seal(&w, &wish, &why) != OK)
			status = command_failed("arc", &why);
	}
	key_free(key);
	work_deinit(&w);
	return status;
}
