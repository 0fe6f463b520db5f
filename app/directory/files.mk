SRC_directory := account.c alias.c app_password.c blocked.c credential.c dkim_key.c domain.c factor.c fsck.c group.c live_login.c login.c \
	login_candidate.c login_recent.c login_scram.c login_token.c login_verdict.c may_post.c may_send.c normal.c rehash.c resolve.c role.c route.c row.c row_group.c row_person.c \
	secret.c seen.c
SRC_directory += passkey.c passkey_login.c row_passkey.c
