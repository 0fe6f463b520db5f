# The algorithms are written in a language of their own, whose compiler runs on the machine that
# builds. Only their UTF-8 forms are taken, and of those not the old stemmer of English.

build()
{
	local name

	make snowball CC=gcc CFLAGS=-O1
	sed -i '/^porter/d' libstemmer/modules.txt
	rm -f algorithms.mk
	mkdir src_c
	libstemmer/mkmodules.pl libstemmer/modules_utf8.h src_c libstemmer/modules.txt mkinc.mak utf8
	sed 's/@MODULES_H@/modules_utf8.h/' libstemmer/libstemmer_c.in > libstemmer/libstemmer_utf8.c
	for name in $(awk '/^[a-z]/ { print $1 }' libstemmer/modules.txt); do
		./snowball "algorithms/$name.sbl" -o "src_c/stem_UTF_8_$name" \
			-eprefix "${name}_UTF_8_" -r ../runtime -u
	done
	$CC $CFLAGS -Iinclude -c runtime/api.c runtime/utilities.c libstemmer/libstemmer_utf8.c \
		src_c/*.c
	$AR rcsD libstemmer.a ./*.o
	install_files include include/libstemmer.h
	install_files lib libstemmer.a
}
