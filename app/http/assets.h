/* http/assets.h: the files of web/ inside the program. */
#ifndef HTTP_ASSETS_H
#define HTTP_ASSETS_H
#include "base/str.h"

struct http_asset {
	const char *type;
	struct str bytes; /* live for ever */
};

/* False when there is none of this path; "/" is "/index.html". */
bool http_asset_find(struct str path, struct http_asset *out);

#endif
