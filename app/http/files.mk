SRC_http := assets.c http.c relay.c server.c

# The assembler reads it (http/assets.c), which the compiler's list of headers does not show.
$(foreach kind,release check tsan fuzz,$(BUILD)/$(kind)/app/http/assets.o): web/index.html
