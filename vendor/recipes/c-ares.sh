build()
{
	./configure ${HOST:+--host=$HOST} --prefix="$OUT" --disable-shared --enable-static \
		--disable-tests --enable-cares-threads --disable-maintainer-mode \
		--disable-dependency-tracking CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS"
	make -j"$JOBS" -C src/lib install
	make -C include install
}
