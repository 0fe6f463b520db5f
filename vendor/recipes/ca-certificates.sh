# Not a library but a table: Mozilla's root certificates, of which we keep what verification
# needs. ca-certificates.py says what that is.

needs=bearssl

build()
{
	python3 "$here/recipes/ca-certificates.py" mozilla/certdata.txt > mozilla_roots.h
	install_files include mozilla_roots.h
}
