# Not a library but a table: the rules of publicsuffix.org, and the examples published with them,
# which our tests go through. publicsuffix.py says what the table is like.

build()
{
	local version

	version=$(awk -F'\t' '$1 == "publicsuffix" { print $4 }' "$here/manifest.tsv")
	python3 "$here/recipes/publicsuffix.py" rules "$version" public_suffix_list.dat \
		> public_suffixes.h
	python3 "$here/recipes/publicsuffix.py" tests "$version" tests/tests.txt \
		> public_suffix_tests.h
	install_files include public_suffixes.h public_suffix_tests.h
}
