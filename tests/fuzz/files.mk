# Fuzz targets, one program each; sorted. FUZZ += name_fuzz.c reads its seeds from corpus/name.
FUZZ += sasl_server_fuzz.c
