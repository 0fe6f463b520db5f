SRC_admin := api.c api_audit.c api_auth.c api_clients.c api_openapi.c api_session.c api_shape.c api_table.c \
	api_tokens.c audit.c fsck.c session.c ticket.c token.c
SRC_admin += account.c admin.c autoconfig.c autodiscover.c client_setup.c mobileconfig.c password_rule.c \
	settings_rows.c settings_store.c settings_trial.c settings_trouble.c
SRC_admin += api_me.c api_me_factor.c api_people.c api_people_accounts.c api_people_aliases.c \
	api_people_credentials.c api_people_domains.c api_people_groups.c api_import.c api_imports.c
SRC_admin += api_acme.c api_certificates.c certificates.c
SRC_admin += api_access.c
SRC_admin += api_backup.c api_blocked.c api_events.c api_overview.c api_queue.c api_queue_bulk.c api_queue_past.c api_queue_pause.c api_tls.c api_trace.c overview_scope.c \
	queue_filter.c queue_note.c scope.c warnings.c
SRC_admin += api_dns.c api_settings.c api_setup.c api_setup_certificate.c api_setup_delivery.c \
	api_setup_names.c api_setup_owner.c api_setup_steps.c api_setup_test.c dns_check.c \
	dns_facts.c dns_records.c dns_spf.c dns_zone.c api_keys.c look.c look_dnssec.c look_challenges.c mta_sts.c setup.c
SRC_admin += api_login_passkey.c api_passkeys.c attempt.c passkey_site.c
SRC_admin += api_send.c
SRC_admin += api_send_read.c
SRC_admin += api_sent.c
SRC_admin += api_webhooks.c
SRC_admin += form.c
