/* console/server/lmtp_socket.c: ROOST_LMTP_SOCKET: LMTP on a socket in the file system; see
 * server.h. */
#include "console/server/server.h"
#include "foundation/config/rules.h"
#include "network/runtime/runtime.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MODE_USUAL = 0600 };

struct place {
	struct str path; /* empty: off */
	unsigned mode;
};

/* "0660": three octal digits, with an optional zero before them. */
static bool mode_parse(struct str text, unsigned *out)
{
	*out = 0;
	if (text.n == 4 && text.p[0] == '0')
		text = str_sub(text, 1, text.n);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '7')
			return false;
		*out = *out << 3 | (unsigned)(text.p[i] - '0');
	}
	return text.n == 3;
}

/* The path is in a, or borrowed. */
static enum err place_parse(struct str text, struct arena *a, struct place *out, struct why *why)
{
	static const struct rule_key keys[] = { { "", false }, { "mode", false } };
	struct rules rules;
	struct str word;
	enum err e = rules_parse(text, a, &rules, why);

	*out = (struct place){ .mode = MODE_USUAL };
	if (e || rules.count == 0)
		return e;
	if (rules.count > 1)
		return rule_fail(&rules.items[1], why, "there is one line only");
	if ((e = rule_check(&rules.items[0], keys, COUNT(keys), why)))
		return e;
	if (!rule_get(&rules.items[0], STR(""), &out->path) || !str_starts(out->path, STR("/")))
		return rule_fail(&rules.items[0], why, "begin with a path, from / on");
	if (rule_get(&rules.items[0], STR("mode"), &word) && !mode_parse(word, &out->mode))
		return rule_fail(&rules.items[0], why, "mode is like 0660");
	return OK;
}

enum err lmtp_socket_check(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct place unused;
	enum err e = place_parse(text, &a, &unused, why);

	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_LMTP_SOCKET") : OK;
}

struct str lmtp_socket_path(struct str text, struct arena *a)
{
	struct place place;

	return place_parse(text, a, &place, NULL) == OK ? place.path : STR_EMPTY;
}

/* Tries a socket of another name in the same folder: the configured one may be in use. */
enum err lmtp_socket_try(struct str text, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct arena a = { 0 };
	struct str path = lmtp_socket_path(text, &a);
	int n = snprintf(at.sun_path, sizeof at.sun_path, "%.*s~", STR_ARG(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum err e = OK;

	if (path.n == 0 || fd < 0 || n < 0 || (size_t)n >= sizeof at.sun_path)
		goto out; /* off, or lmtp_socket_listen reports the error */
	if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		(void)unlink(at.sun_path);
	else if (errno == EACCES)
		e = fail(why, ERR_SYNTAX,
		         "ROOST_LMTP_SOCKET: the running server may not create %.*s. Choose the "
		         "data folder, or stop Roost, set it again and start Roost",
		         STR_ARG(path));
	else if (errno != EADDRINUSE)
		e = fail_errno(why, "ROOST_LMTP_SOCKET: %.*s", STR_ARG(path));
out:
	if (fd >= 0)
		close(fd);
	arena_deinit(&a);
	return e;
}

enum err lmtp_socket_listen(struct server *v, struct str text, struct why *why)
{
	const struct conn_service service = {
		.name = "lmtp", .proto = &smtp_in_proto, .context = &v->lmtp, .tls = v->tls
	};
	struct arena a = { 0 };
	struct place place;
	enum err e = place_parse(text, &a, &place, why);

	if (e == OK)
		e = runtime_listen_unix_set(v->runtime, &service, place.path, place.mode, why);
	arena_deinit(&a);
	return e ? fail_about(why, e, "ROOST_LMTP_SOCKET") : OK;
}
