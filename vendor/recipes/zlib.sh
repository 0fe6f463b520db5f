# Its configure script takes the tools from the environment.

build()
{
	CHOST=$HOST CC="$CC" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS" \
		./configure --static --prefix="$OUT"
	make -j"$JOBS" libz.a
	install_files include zlib.h zconf.h
	install_files lib libz.a
}
