TEST_net := cert_test.c tls_clients_test.c tls_dane_test.c tls_interop_test.c tls_sessions_test.c tls_test.c tls_trust_test.c tls_verify_test.c
TEST_net += addr_test.c deflate_test.c dial_test.c dns_test.c dns_cache_test.c dns_direct_test.c dns_gate_test.c dns_once_test.c dns_secure_test.c network_test.c parts_test.c stream_test.c
TEST_net += relisten_test.c runtime_test.c runtime_limits_test.c runtime_stop_test.c
TEST_net += evict_test.c peers_test.c places_test.c proxy_test.c
TEST_net += httpc_test.c
