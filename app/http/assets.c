/* http/assets.c: see assets.h. The assembler puts the files in (.incbin), which every
 * toolchain can. Paths are from the root of the tree, where the compiler is started; the
 * Makefile says that this object depends on them.
 *
 * When adding one: an EMBED line, a row in rows. */
#include "http/assets.h"

/* The bytes of a file as name_begin .. name_end. */
#define EMBED(name, file)                                                    \
	__asm__(".section .rodata\n"                                         \
	        ".balign 16\n"                                               \
	        ".global " #name "_begin, " #name "_end\n" #name "_begin:\n" \
	        ".incbin \"" file "\"\n" #name "_end:\n"                     \
	        ".byte 0\n"                                                  \
	        ".previous\n");                                              \
	extern const char name##_begin[], name##_end[]

EMBED(asset_index, "web/index.html");

static const struct {
	const char *path, *type, *begin, *end;
} rows[] = {
	{ "/index.html", "text/html; charset=utf-8", asset_index_begin, asset_index_end },
};

bool http_asset_find(struct str path, struct http_asset *out)
{
	if (str_eq(path, STR("/")))
		path = STR("/index.html");
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!str_eq(path, str_of(rows[i].path)))
			continue;
		*out = (struct http_asset){
			.type = rows[i].type,
			.bytes = str_from(rows[i].begin, (size_t)(rows[i].end - rows[i].begin)),
		};
		return true;
	}
	return false;
}
