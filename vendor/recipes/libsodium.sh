# The archive comes without a configure script. It would add hardening flags of its own to
# ours, which are enough.

build()
{
	./autogen.sh -s
	./configure ${HOST:+--host=$HOST} --prefix="$OUT" --disable-shared --enable-static \
		--disable-pie --disable-ssp --disable-dependency-tracking \
		CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS"
	make -j"$JOBS" -C src install
}
