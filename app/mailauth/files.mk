SRC_mailauth := canon.c dkim_fields.c dkim_record.c dkim_sign.c tags.c
