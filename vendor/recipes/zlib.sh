build()
{
	CHOST=$HOST ./configure --static --prefix="$OUT"
	make -j"$JOBS" libz.a
	install_files include zlib.h zconf.h
	install_files lib libz.a
}
