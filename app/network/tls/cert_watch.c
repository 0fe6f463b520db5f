/* network/tls/cert_watch.c: the operator's own files, read again when they change; see cert.h. */
#include "foundation/base/mem.h"
#include "network/tls/cert_private.h"

#include <string.h>

/* With files_lock held. */
static enum err files_read(struct certs *s, struct why *why)
{
	struct arena a;
	struct str cert, key;
	enum err e;

	arena_init(&a, true);
	e = cert_file_read(s->cert_path.p, &a, &cert, why);
	if (e)
		goto out;
	e = cert_file_read(s->key_path.p, &a, &key, why);
	if (e)
		goto out;
	e = certs_put(s, STR_EMPTY, CERT_FILES, cert, key, why);
out:
	arena_deinit(&a);
	return e;
}

/* With files_lock held. Have the files changed since the last call? The stamps are stored even when
 * the files are unusable, so that the error is reported once; maybe only one of two was replaced so
 * far, and the other will follow. */
static bool files_changed(struct certs *s)
{
	struct cert_stamp cert = cert_file_stamp(s->cert_path.p);
	struct cert_stamp key = cert_file_stamp(s->key_path.p);
	bool same = cert_stamp_eq(cert, s->cert_stamp) && cert_stamp_eq(key, s->key_stamp);

	s->cert_stamp = cert;
	s->key_stamp = key;
	return !same;
}

static void path_set(struct str *to, const char *path)
{
	str_free(to);
	*to = str_new(str_from(path, strlen(path) + 1));
}

enum err certs_load_files(struct certs *s, const char *cert_path, const char *key_path,
                          struct why *why)
{
	enum err e;

	pthread_mutex_lock(&s->files_lock);
	path_set(&s->cert_path, cert_path);
	path_set(&s->key_path, key_path);
	(void)files_changed(s);
	e = files_read(s, why);
	pthread_mutex_unlock(&s->files_lock);
	return e;
}

enum err certs_reload_if_changed(struct certs *s, bool *changed, struct why *why)
{
	enum err e = OK;
	bool tried;

	pthread_mutex_lock(&s->files_lock);
	tried = s->cert_path.n > 0 && files_changed(s);
	if (tried)
		e = files_read(s, why);
	pthread_mutex_unlock(&s->files_lock);
	if (changed != NULL)
		*changed = tried && e == OK;
	return e;
}
