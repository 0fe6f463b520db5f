# MDB_USE_ROBUST: a killed process must not leave the writers' mutex locked; musl's robust
#   mutexes work, but LMDB would only choose them by itself with glibc.
# MDB_MAXKEYSIZE=0: keys of up to 1982 bytes instead of 511, what a page has room for.

build()
{
	cd libraries/liblmdb
	make liblmdb.a CC="$CC" AR="$AR" OPT="$CFLAGS" XCFLAGS="-DMDB_USE_ROBUST=1 -DMDB_MAXKEYSIZE=0"
	install_files include lmdb.h
	install_files lib liblmdb.a
}
