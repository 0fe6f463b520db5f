# mhd_cv_eventfd_usable: its test needs to run a program, which a cross build cannot.
# The WebSocket frames are marked experimental and --enable-experimental fails with musl,
# so their two files are compiled here.

build()
{
	./configure ${HOST:+--host=$HOST} --prefix="$OUT" --disable-shared --enable-static \
		--disable-https --disable-curl --disable-doc --disable-examples --disable-tools \
		--disable-nls --disable-experimental --disable-bauth --disable-dauth \
		--disable-dependency-tracking mhd_cv_eventfd_usable=yes \
		ACLOCAL=: AUTOMAKE=: AUTOCONF=: AUTOHEADER=: MAKEINFO=: \
		CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS"
	make -j"$JOBS" -C src/include install
	make -j"$JOBS" -C src/microhttpd libmicrohttpd.la
	make -C src/microhttpd install-libLTLIBRARIES

	for f in mhd_websocket sha1; do
		$CC $CFLAGS -DHAVE_CONFIG_H -D_GNU_SOURCE -DBUILDING_MHD_LIB=1 \
			-I. -Isrc/include -Isrc/microhttpd -c src/microhttpd_ws/$f.c -o $f.o
	done
	$AR rcsD libmicrohttpd_ws.a mhd_websocket.o sha1.o
	install_files include src/include/microhttpd_ws.h
	install_files lib libmicrohttpd_ws.a
}
