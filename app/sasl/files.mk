SRC_sasl := client.c login.c plain.c sasl.c
