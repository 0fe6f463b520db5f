# One a line, so that changes do not collide; sorted.
SRC_send += form_letter.c
SRC_send += form_rules.c
SRC_send += letter.c
SRC_send += letter_body.c
SRC_send += letter_json.c
SRC_send += raw.c
