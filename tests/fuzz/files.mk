# Fuzz targets, one program each; sorted. FUZZ += name_fuzz.c reads its seeds from corpus/name.
FUZZ += sasl_server_fuzz.c
FUZZ += smtp_command_fuzz.c
FUZZ += smtp_data_fuzz.c
