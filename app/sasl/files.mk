SRC_sasl := client.c client_scram.c cram.c external.c gs2.c login.c oauth.c plain.c sasl.c scram.c
