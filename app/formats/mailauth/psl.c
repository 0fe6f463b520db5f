/* formats/mailauth/psl.c: see psl.h. */
#include "formats/mailauth/psl.h"

#include <public_suffixes.h>

enum { ROOT = 0, NONE = 0 }; /* the root is not a child */

/* Are there labels, none of them empty? */
static bool psl_is_name(struct str name)
{
	char before = '.';

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '.' && before == '.')
			return false;
		before = name.p[i];
	}
	return before != '.';
}

/* Cut the last label off a name, with its dot. */
static struct str last_label(struct str *name)
{
	ptrdiff_t dot = str_rfind_byte(*name, '.');
	struct str label = str_sub(*name, (size_t)(dot + 1), name->n);

	name->n = dot < 0 ? 0 : (size_t)dot;
	return label;
}

static struct str node_label(size_t node)
{
	const unsigned char *p = &public_suffix_labels[public_suffix_nodes[node].label];

	return str_from((const char *)p + 1, *p);
}

/* As str_cmp, with a taken as lower case. */
static int psl_compare(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (ascii_lower(a.p[i]) != b.p[i])
			return (unsigned char)ascii_lower(a.p[i]) - (unsigned char)b.p[i];
	return (a.n > b.n) - (a.n < b.n);
}

static size_t child_find(size_t node, struct str label)
{
	size_t low = public_suffix_nodes[node].child;
	size_t high = low + public_suffix_nodes[node].children;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = psl_compare(label, node_label(middle));

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NONE;
}

/* The rest of name after left, its beginning, and the dot between them. */
static struct str rest(struct str name, struct str left)
{
	return str_sub(name, left.n == 0 ? 0 : left.n + 1, name.n);
}

/* The longest rule applies, but an exception has priority: its parent is the suffix. */
struct str psl_suffix(struct str name)
{
	struct str left = name, suffix = STR_EMPTY;
	size_t node = ROOT;

	if (!psl_is_name(name))
		return STR_EMPTY;
	do {
		struct str above = rest(name, left);
		unsigned flags = public_suffix_nodes[node].flags;

		node = child_find(node, last_label(&left));
		if (node != NONE && public_suffix_nodes[node].flags & PUBLIC_SUFFIX_EXCEPTION)
			return above;
		if (flags & PUBLIC_SUFFIX_WILD ||
		    (node != NONE && public_suffix_nodes[node].flags & PUBLIC_SUFFIX_RULE))
			suffix = rest(name, left);
	} while (node != NONE && left.n != 0);
	return suffix;
}

struct str psl_organization(struct str name)
{
	struct str suffix = psl_suffix(name), above;

	if (suffix.n == 0 || suffix.n == name.n)
		return STR_EMPTY;
	above = str_sub(name, 0, name.n - suffix.n - 1);
	(void)last_label(&above);
	return rest(name, above);
}

const char *psl_date(void)
{
	return public_suffix_date;
}
