TEST_webauthn := cbor_test.c cose_test.c webauthn_test.c
