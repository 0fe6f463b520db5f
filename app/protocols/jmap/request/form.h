/* protocols/jmap/request/form.h: arguments and properties as their tables describe them. Private to
 * request/. */
#ifndef JMAP_FORM_H
#define JMAP_FORM_H
#include "protocols/jmap/request/type.h"

/* The rows of some tables of arguments, or of one of properties. */
struct jmap_rows {
	const struct jmap_argument *arguments[3];
	size_t argument_count[3];
	const struct jmap_property *properties;
	size_t property_count;
};
struct jmap_rows jmap_rows_of(const struct jmap_type *type); /* its properties */
/* False: there is no row of that name. max of a property is 0. */
bool jmap_rows_find(const struct jmap_rows *rows, struct str name, struct jmap_argument *out);

/* Does the value of a row fit? */
bool jmap_row_ok(const struct jmap_argument *row, struct json v);
/* "a string or null", in a. */
struct str jmap_row_words(const struct jmap_argument *row, struct arena *a);

/* Every member has a row and its form, and each NEEDED row its member. False: why says what is
 * wrong. */
bool jmap_arguments_check(const struct jmap_rows *rows, struct json args, struct arena *a,
                          struct why *why);

/* Creation ids in the members of object whose rows have ids: "#k1" becomes the id that find returns
 * (RFC 8620 5.3). Those that it does not find stay, and *missing is the name of the first member
 * with one; empty: none. False: the result is no object, because two names in it are equal. */
struct jmap_resolver {
	struct str (*find)(void *arg, struct str creation); /* empty: unknown */
	void *arg;
	bool all; /* replace none unless all are known */
};
bool jmap_rows_resolve(const struct jmap_rows *rows, const struct jmap_resolver *with,
                       struct arena *a, struct json *object, struct str *missing);

#endif
