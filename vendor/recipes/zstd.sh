# Neither old formats nor threads of its own.

build()
{
	make -j"$JOBS" -C lib libzstd.a CC="$CC" AR="$AR" CFLAGS="$CFLAGS" \
		ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DEPRECATED=0
	install_files include lib/zstd.h lib/zstd_errors.h lib/zdict.h
	install_files lib lib/libzstd.a
}
