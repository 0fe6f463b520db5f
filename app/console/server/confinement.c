/* console/server/confinement.c: the files that the running server may open; see server.h.
 *
 * The list of paths comes from the settings at the start. A path that a later setting names cannot
 * be opened until the next start, unless it is in a folder of the list. */
#include "console/server/privilege.h"
#include "console/server/server.h"
#include "foundation/base/mem.h"
#include "foundation/config/live.h"
#include "foundation/config/rules.h"
#include "foundation/config/value.h"
#include "foundation/confine/confine.h"
#include "foundation/observe/event.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { PLACES_MAX = 256 };

struct places {
	struct arena *a;
	struct confine_place items[PLACES_MAX];
	size_t count;
};

/* Files that the server opens whatever its settings are. A path in /proc is that of this
 * process. */
static const struct confine_place always[] = {
	{ "/dev/null", CONFINE_DEVICE },
	{ "/dev/urandom", CONFINE_READ },
	{ "/etc/hosts", CONFINE_READ },
	{ "/etc/nsswitch.conf", CONFINE_READ },
	{ "/etc/resolv.conf", CONFINE_READ },
	{ "/proc/self/net", CONFINE_READ }, /* the files in it are new at each opening */
	/* Usual folders of certificates, so that the console can set files there. */
	{ "/etc/letsencrypt", CONFINE_READ },
	{ "/etc/roost", CONFINE_READ },
	{ "/etc/ssl/certs", CONFINE_READ },
	{ "/run/secrets", CONFINE_READ },
};

/* Folders that many programs share: a file in one does not permit the whole folder. */
static bool is_shared(struct str folder)
{
	static const char *const shared[] = { "",         "/dev",    "/etc",  "/home", "/media",
		                              "/mnt",     "/opt",    "/proc", "/root", "/run",
		                              "/srv",     "/sys",    "/tmp",  "/usr",  "/var",
		                              "/var/lib", "/var/tmp" };

	for (size_t i = 0; i < COUNT(shared); i++)
		if (str_eq(folder, str_of(shared[i])))
			return true;
	return false;
}

static void place_add(struct places *p, const char *path, enum confine_access access)
{
	if (p->count < PLACES_MAX)
		p->items[p->count++] = (struct confine_place){ path, access };
}

/* "/a/b" for "/a/b/c"; empty for "/c". */
static struct str folder_of(struct str path)
{
	while (path.n != 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path.n != 0 ? str_sub(path, 0, path.n - 1) : path;
}

/* Permits the file and its folder: a renewed certificate is a new file of the same name. */
static void beside_add(struct places *p, struct str path)
{
	struct str folder = folder_of(path);

	place_add(p, str_z(p->a, path), CONFINE_READ);
	if (!is_shared(folder))
		place_add(p, str_z(p->a, folder), CONFINE_READ);
}

/* The same for the target of a symbolic link: certbot uses such links. */
static void file_add(struct places *p, struct str path)
{
	char real[PATH_MAX];

	if (path.n == 0)
		return;
	beside_add(p, path);
	if (realpath(str_z(p->a, path), real) != NULL && !str_eq(str_of(real), path))
		beside_add(p, str_dup(p->a, str_of(real)));
}

/* Values of environment variables are read again with each change of a setting. */
static void variables_add(struct places *p, char *const *environment)
{
	for (; *environment != NULL; environment++) {
		struct str entry = str_of(*environment);
		struct cur c = cur_of(entry);
		struct str name;

		if (cur_until(&c, '=', &name) && str_starts(name, STR("ROOST_")) &&
		    str_ends(name, STR("_FILE")) && cur_byte(&c, '='))
			file_add(p, cur_rest(&c));
	}
}

static void relays_add(struct places *p, struct str text)
{
	struct rules rules;
	struct str path;

	if (rules_parse(text, p->a, &rules, NULL) != OK)
		return;
	for (size_t i = 0; i < rules.count; i++)
		if (rule_get(&rules.items[i], STR("ca"), &path))
			file_add(p, path);
}

static void settings_add(struct places *p, const struct settings *s)
{
	file_add(p, s->tls_cert);
	file_add(p, s->tls_key);
	file_add(p, s->acme_ca);
	file_add(p, s->smarthost_ca);
	file_add(p, s->smtp_out_ca);
	if (!str_starts(s->client_ca, VALUE_PEM))
		file_add(p, s->client_ca);
	relays_add(p, s->relays);
	variables_add(p, s->environment);
}

static void sockets_add(struct places *p, struct str lmtp_socket)
{
	struct str path = lmtp_socket_path(lmtp_socket, p->a);

	if (path.n != 0)
		place_add(p, str_z(p->a, folder_of(path)), CONFINE_SOCKETS);
}

static void files_confine(const struct settings *s, unsigned *abi)
{
	struct arena a = { 0 };
	struct places *p = NEW(struct places);
	struct why why = { "" };

	p->a = &a;
	for (size_t i = 0; i < COUNT(always); i++)
		place_add(p, always[i].path, always[i].access);
	place_add(p, str_z(&a, s->data), CONFINE_ALL);
	file_add(p, STR("/etc/resolv.conf"));
	settings_add(p, s);
	sockets_add(p, s->lmtp_socket);
	if (confine_files(p->items, p->count, abi, &why) != OK) {
		event(confinement_missing, STR(""), ev_z("landlock"), ev_z(why.text));
		*abi = 0;
	}
	mem_free(p);
	arena_deinit(&a);
}

/* --- Later settings ------------------------------------------------------------------------- */

bool confinement_hides(struct str path)
{
	struct arena a = { 0 };
	const char *z = str_z(&a, path);
	int fd = open(z, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* access(2) asks the permissions of the file, which Landlock leaves alone. */
	bool hides = fd < 0 && errno == EACCES && access(z, R_OK) == 0;

	if (fd >= 0)
		close(fd);
	arena_deinit(&a);
	return hides;
}

static enum err reach(const char *name, struct str path, struct why *why)
{
	if (path.n == 0 || !confinement_hides(path))
		return OK;
	return fail(why, ERR_SYNTAX,
	            "ROOST_%s: the running server may not open %.*s. Move the file to the data "
	            "folder or /etc/roost, or stop Roost, set it again and start Roost",
	            name, STR_ARG(path));
}

static enum err relays_reach(struct str text, struct why *why)
{
	struct arena a = { 0 };
	struct rules rules;
	struct str path;
	enum err e = OK;

	if (rules_parse(text, &a, &rules, NULL) != OK)
		rules.count = 0; /* another check reports the error */
	for (size_t i = 0; e == OK && i < rules.count; i++)
		if (rule_get(&rules.items[i], STR("ca"), &path))
			e = reach("RELAYS", path, why);
	arena_deinit(&a);
	return e;
}

enum err confinement_check(const struct settings *s, struct why *why)
{
	bool pem = str_starts(s->client_ca, VALUE_PEM);
	enum err e;

	if ((e = reach("ACME_CA", s->acme_ca, why)) ||
	    (e = reach("SMARTHOST_CA", s->smarthost_ca, why)) ||
	    (e = reach("SMTP_OUT_CA", s->smtp_out_ca, why)) ||
	    (e = reach("CLIENT_CA", pem ? STR_EMPTY : s->client_ca, why)))
		return e;
	return relays_reach(s->relays, why);
}

/* A function of jemalloc, which only the release binary has. */
int mallctl(const char *name, void *old, size_t *old_bytes, void *new, size_t new_bytes)
	__attribute__((weak));

/* jemalloc's background thread, which returns memory to the kernel, blocks all signals and so
 * cannot be confined. It is ended, and a new one starts confined. */
static void allocator_thread_set(bool on)
{
	if (mallctl != NULL)
		(void)mallctl("background_thread", NULL, NULL, &on, sizeof on);
}

static enum err confine(const struct settings *s, struct why *why)
{
	struct why missing = { "" };
	unsigned abi = 0;
	enum err e;

	confine_process();
	if ((e = privilege_bind_drop(s->confine, why)))
		return e;
	if (geteuid() == 0)
		event(server_runs_as_root, STR(""), ev_str(s->data));
	if (!s->confine) {
		event(confinement_off, STR(""));
		return OK;
	}
	files_confine(s, &abi);
	e = confine_calls(&missing);
	if (e != OK)
		event(confinement_missing, STR(""), ev_z("seccomp"), ev_z(missing.text));
	event(process_confined, STR(""), ev_int(abi), ev_int(e == OK));
	return OK;
}

enum err confinement_begin(const struct settings *s, struct why *why)
{
	enum err e;

	allocator_thread_set(false);
	e = confine(s, why);
	allocator_thread_set(true);
	return e;
}
