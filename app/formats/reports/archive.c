/* formats/reports/archive.c: see archive.h. */
#include "formats/reports/archive.h"

enum archive_kind wire_archive_kind(struct str bytes)
{
	if (str_starts(bytes, STR("\x1f\x8b")))
		return ARCHIVE_GZIP;
	return str_starts(bytes, STR("PK\x03\x04")) ? ARCHIVE_ZIP : ARCHIVE_NONE;
}

/* Numbers are little-endian in both. */
static bool archive_number(struct cur *c, unsigned bytes, uint32_t *out)
{
	struct str s;

	if (!cur_take(c, bytes, &s))
		return false;
	*out = 0;
	while (bytes-- > 0)
		*out = *out << 8 | (unsigned char)s.p[bytes];
	return true;
}

/* --- gzip --------------------------------------------------------------------------------- */

enum { GZIP_CRC = BIT(1), GZIP_EXTRA = BIT(2), GZIP_NAME = BIT(3), GZIP_COMMENT = BIT(4) };

static bool zero_ended(struct cur *c)
{
	struct str s;

	return cur_until(c, '\0', &s) && cur_byte(c, '\0');
}

/* RFC 1952 2.3: magic, method 8, flags, time, extra flags, system */
bool wire_gzip_head(struct cur *c)
{
	uint32_t magic, method, flags, n;
	struct str skipped;

	if (!archive_number(c, 2, &magic) || magic != 0x8b1f || !archive_number(c, 1, &method) ||
	    method != 8 || !archive_number(c, 1, &flags) || !cur_take(c, 6, &skipped))
		return false;
	if ((flags & GZIP_EXTRA) && !(archive_number(c, 2, &n) && cur_take(c, n, &skipped)))
		return false;
	if ((flags & GZIP_NAME) && !zero_ended(c))
		return false;
	if ((flags & GZIP_COMMENT) && !zero_ended(c))
		return false;
	return !(flags & GZIP_CRC) || cur_take(c, 2, &skipped);
}

bool wire_gzip_tail(struct cur *c, uint32_t *crc, uint32_t *size)
{
	return archive_number(c, 4, crc) && archive_number(c, 4, size);
}

/* --- ZIP ---------------------------------------------------------------------------------- */

enum {
	ZIP_LOCAL = 0x04034b50,
	ZIP_BEHIND = 0x08074b50,
	ZIP_ENCRYPTED = BIT(0),
	ZIP_SIZES_BEHIND = BIT(3),
	ZIP_STORED = 0,
	ZIP_DEFLATED = 8,
	ZIP_LONG = 1, /* extra field: sizes of 64 bits */
};

/* APPNOTE 4.5.1: header and size of each */
static bool extra_has(struct str extra, uint32_t wanted)
{
	struct cur c = cur_of(extra);
	struct str skipped;
	uint32_t id, size;

	while (archive_number(&c, 2, &id) && archive_number(&c, 2, &size) &&
	       cur_take(&c, size, &skipped))
		if (id == wanted)
			return true;
	return false;
}

/* APPNOTE 4.3.7. A member of unknown size must mark its own end, as only a deflated one does. */
static bool member(struct cur *c, struct zip_member *m)
{
	uint32_t version, flags, method, time, name, extra_n;
	struct str extra;

	if (!archive_number(c, 2, &version) || !archive_number(c, 2, &flags) ||
	    !archive_number(c, 2, &method) || !archive_number(c, 4, &time) ||
	    !archive_number(c, 4, &m->crc) || !archive_number(c, 4, &m->packed) ||
	    !archive_number(c, 4, &m->size) || !archive_number(c, 2, &name) ||
	    !archive_number(c, 2, &extra_n) || !cur_take(c, name, &m->name) ||
	    !cur_take(c, extra_n, &extra))
		return false;
	m->deflated = method == ZIP_DEFLATED;
	m->behind = (flags & ZIP_SIZES_BEHIND) != 0;
	m->longs = extra_has(extra, ZIP_LONG);
	return !(flags & ZIP_ENCRYPTED) && (m->deflated || (method == ZIP_STORED && !m->behind));
}

enum zip_next wire_zip_next(struct cur *c, struct zip_member *out)
{
	struct cur at = *c;
	uint32_t magic;

	*out = (struct zip_member){ .crc = 0 };
	if (!archive_number(&at, 4, &magic) || magic != ZIP_LOCAL)
		return ZIP_END; /* the directory, or the end */
	if (!member(&at, out))
		return ZIP_BAD;
	*c = at;
	return ZIP_MEMBER;
}

/* APPNOTE 4.3.9.1, 4.3.9.2. Members over 4 GB are refused. */
static bool size_behind(struct cur *c, const struct zip_member *m, uint32_t *out)
{
	uint32_t high = 0;

	return archive_number(c, 4, out) && (!m->longs || archive_number(c, 4, &high)) && high == 0;
}

/* APPNOTE 4.3.9: with or without a magic number before it. */
bool wire_zip_tail(struct cur *c, struct zip_member *m)
{
	if (!archive_number(c, 4, &m->crc))
		return false;
	if (m->crc == ZIP_BEHIND && !archive_number(c, 4, &m->crc))
		return false;
	return size_behind(c, m, &m->packed) && size_behind(c, m, &m->size);
}
