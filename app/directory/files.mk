SRC_directory := account.c alias.c app_password.c blocked.c credential.c dkim_key.c dkim_key_new.c \
	domain.c factor.c fsck.c group.c known_network.c live_login.c login.c login_candidate.c login_recent.c \
	login_scram.c login_slow.c login_token.c login_verdict.c may_post.c may_send.c normal.c passkey.c \
	passkey_login.c pattern.c rehash.c reports_to.c resolve.c rewrite.c role.c rotation.c rotation_row.c route.c row.c row_dkim.c row_group.c \
	row_passkey.c row_person.c salt.c secret.c seen.c srs.c
