/* protocols/imap/search/named_search.c: see named_search.h. */
#include "protocols/imap/search/named_search.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/text/utf8.h"
#include "model/mailbox/metadata.h"
#include "protocols/imap/search/saved.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

/* --- lookup ------------------------------------------------------------------------------- */

struct lookup {
	struct imap *s;
	struct imap_search *what;
	struct imap_search_filters filters;
	struct mail_txn server; /* the server's annotations, of the user */
};

/* The private one first (RFC 5466 1). */
static enum err named_value_find(struct str name, struct str *value, void *arg)
{
	static const char *const scopes[] = { "private", "shared" };
	const struct lookup *l = arg;
	struct arena *a = &l->s->run.arena;
	enum err e = ERR_MISSING;

	for (size_t i = 0; i < COUNT(scopes) && e == ERR_MISSING; i++) {
		struct str entry = str_fmt(a, "/%s/filters/values/%.*s", scopes[i], STR_ARG(name));

		/* The name is too long for a key of the store, so none exists. */
		if (entry.n <= METADATA_NAME_MAX)
			e = metadata_get(&l->server, 0, str_lower(a, entry), value);
	}
	if (!e)
		*value = str_dup(a, *value);
	return e;
}

static enum err expand(const struct mail_txn *m, void *arg)
{
	struct lookup *l = arg;

	l->server = *m;
	l->server.account = 0;
	l->filters = (struct imap_search_filters){
		.find = named_value_find,
		.arg = l,
		.passes = LIMIT_imap_filters,
		.bytes = LIMIT_imap_filter_bytes,
	};
	return imap_search_expand(l->what, &l->s->run.arena, LIMIT_imap_depth, &l->filters);
}

/* RFC 5466 3.1. */
static void named_refuse(struct imap *s, enum err e, struct str name)
{
	if (e == ERR_MISSING) {
		imap_no(s, NULL, "No such filter");
		s->reply.code = str_fmt(&s->run.arena, "UNDEFINED-FILTER %.*s", STR_ARG(name));
	} else if (e == ERR_SYNTAX) {
		imap_no(s, NULL, NULL);
		s->reply.text = str_fmt(&s->run.arena,
		                        "The value of filter %.*s is not a valid search",
		                        STR_ARG(name));
	} else if (e == ERR_LIMIT) {
		imap_no(s, "LIMIT", "Expanded search is too large");
	} else {
		imap_failed(s, ABOUT_ANY, e, NULL);
	}
}

/* RFC 5466 3.1: FILTER implies UTF-8. */
static bool charset_allowed(struct imap *s, struct str charset)
{
	if (str_eqi(charset, STR("UTF-8")) || str_eqi(charset, STR("US-ASCII")))
		return true;
	imap_bad(s, "FILTER requires charset UTF-8");
	s->reply.code = STR("BADCHARSET (US-ASCII UTF-8)");
	return false;
}

bool imap_named_search_begin(struct imap *s, struct imap_search *what)
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	struct lookup l = { .s = s, .what = what };
	enum err e;

	if (!what->filtered)
		return true;
	if (!charset_allowed(s, what->charset_name))
		return false;
	if ((e = imap_read_at(s, &own, expand, &l))) {
		named_refuse(s, e, l.filters.name);
		imap_saved_failed(s, what->returns);
		return false;
	}
	if (!imap_search_scores_allowed(what)) {
		imap_bad(s, "RELEVANCY requires a FUZZY search");
		return false;
	}
	return true;
}

/* --- storing ------------------------------------------------------------------------------ */

/* Is the entry below filters/values or filters/descriptions? Sets *name and *value. */
static bool names_filter(struct str entry, struct str *name, bool *value)
{
	static const struct {
		struct str top;
		bool value;
	} tops[] = {
		{ { "/private/filters/values/", 24 }, true },
		{ { "/shared/filters/values/", 23 }, true },
		{ { "/private/filters/descriptions/", 30 }, false },
		{ { "/shared/filters/descriptions/", 29 }, false },
	};

	for (size_t i = 0; i < COUNT(tops); i++)
		if (str_startsi(entry, tops[i].top)) {
			*name = str_sub(entry, tops[i].top.n, entry.n);
			*value = tops[i].value;
			return true;
		}
	return false;
}

/* RFC 5466 3.2. */
bool imap_named_search_settable(struct imap *s, const struct imap_metadata_entry *entry)
{
	struct str name, word;
	struct cur c;
	bool value;

	if (entry->nil || !names_filter(entry->name, &name, &value))
		return true;
	c = cur_of(name);
	if (!imap_filter_name_parse(&c, &word) || !cur_done(&c))
		imap_bad(s, "Invalid filter name");
	else if (value && !imap_filter_value_valid(entry->value, LIMIT_imap_depth))
		imap_no(s, "CANNOT", "A filter value must be a search in UTF-8");
	else if (!value && !utf8_valid(entry->value))
		imap_no(s, "CANNOT", "A filter description must be in UTF-8");
	else
		return true;
	return false;
}
