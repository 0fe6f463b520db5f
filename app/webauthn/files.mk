SRC_webauthn := authenticator_data.c cbor.c client_data.c cose.c webauthn.c
