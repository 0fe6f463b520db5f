SRC_crypto := cram.c crypto.c der.c der_time.c ed25519.c hash.c key.c key_rsa.c otp.c password.c pem.c x509.c x509_client.c x509_csr.c x509_end_point.c x509_make.c x509_put.c
SRC_crypto += rsa_public.c scram.c sealed_stream.c verify.c verify_dns.c tlsa.c
