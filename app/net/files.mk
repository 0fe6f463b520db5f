SRC_net := addr.c evict.c conn.c conn_io.c conn_zip.c deflate.c dial.c dns.c dns_answer.c dns_ares.c dns_budget.c dns_cache.c dns_direct.c dns_direct_wire.c dns_fake.c dns_gate.c dns_known.c dns_once.c dns_explain.c dns_question.c dns_resolver.c dns_secure.c httpc.c listener.c network.c peers.c places.c proxied.c proxies.c \
	poller.c poller_loop.c pool.c ratelimit.c relisten.c runtime.c socket.c socks.c stream.c timers.c wire_proxy.c wire_socks.c worker.c
SRC_net += listen_unix.c
SRC_net += cert.c cert_challenges.c cert_file.c cert_table.c cert_watch.c certs.c tls.c tls_client.c tls_clients.c tls_dane.c tls_httpc.c tls_pool.c tls_server.c tls_sessions.c tls_suites.c tls_trust.c \
	tls_verify.c tls_words.c
SRC_net += deflate_gzip.c
