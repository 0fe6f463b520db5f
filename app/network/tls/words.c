/* network/tls/words.c: see words.h. */
#include "network/tls/words.h"

#include <bearssl.h>

enum {
	ALERT_RECEIVED = BR_ERR_RECV_FATAL_ALERT, /* plus the alert's number */
	ALERT_SENT = BR_ERR_SEND_FATAL_ALERT,
	ALERTS = 256,
};

static const char *const engine_words[] = {
	[BR_ERR_BAD_PARAM] = "internal: bad parameter",
	[BR_ERR_BAD_STATE] = "internal: bad state",
	[BR_ERR_UNSUPPORTED_VERSION] = "not TLS, or TLS older than 1.2",
	[BR_ERR_BAD_VERSION] = "the protocol version changed between records",
	[BR_ERR_BAD_LENGTH] = "a record of impossible length",
	[BR_ERR_TOO_LARGE] = "a record that is too large",
	[BR_ERR_BAD_MAC] = "a damaged record (bad MAC)",
	[BR_ERR_NO_RANDOM] = "internal: no random numbers",
	[BR_ERR_UNKNOWN_TYPE] = "a record of unknown type",
	[BR_ERR_UNEXPECTED] = "an unexpected message",
	[BR_ERR_BAD_CCS] = "a malformed ChangeCipherSpec",
	[BR_ERR_BAD_ALERT] = "a malformed alert",
	[BR_ERR_BAD_HANDSHAKE] = "a malformed handshake message",
	[BR_ERR_OVERSIZED_ID] = "a session id that is too long",
	[BR_ERR_BAD_CIPHER_SUITE] = "the peer chose a cipher we did not offer",
	[BR_ERR_BAD_COMPRESSION] = "the peer chose a compression we did not offer",
	[BR_ERR_BAD_FRAGLEN] = "the peer chose another fragment length",
	[BR_ERR_BAD_SECRENEG] = "a failed check of secure renegotiation",
	[BR_ERR_EXTRA_EXTENSION] = "an extension we did not offer",
	[BR_ERR_BAD_SNI] = "a malformed server name",
	[BR_ERR_BAD_HELLO_DONE] = "a malformed ServerHelloDone",
	[BR_ERR_LIMIT_EXCEEDED] = "a key or message beyond the limits",
	[BR_ERR_BAD_FINISHED] = "the Finished message does not match",
	[BR_ERR_RESUME_MISMATCH] = "the resumed session differs",
	[BR_ERR_INVALID_ALGORITHM] = "an algorithm or curve we do not have",
	[BR_ERR_BAD_SIGNATURE] = "a bad signature of the key exchange",
	[BR_ERR_WRONG_KEY_USAGE] = "the certificate is not for this use",
	[BR_ERR_NO_CLIENT_AUTH] = "no client certificate",
	[BR_ERR_X509_OK] = "the certificate is good",
	[BR_ERR_X509_EMPTY_CHAIN] = "the peer sent no certificate",
	[BR_ERR_X509_BAD_DN] = "the certificate has a malformed name",
	[BR_ERR_X509_BAD_TIME] = "the certificate has a malformed date",
	[BR_ERR_X509_UNSUPPORTED] = "the certificate uses something unsupported",
	[BR_ERR_X509_LIMIT_EXCEEDED] = "the certificate's key is too large",
	[BR_ERR_X509_WRONG_KEY_TYPE] = "the certificate has a key of the wrong type",
	[BR_ERR_X509_BAD_SIGNATURE] = "the certificate's signature is bad",
	[BR_ERR_X509_TIME_UNKNOWN] = "the time is not known",
	[BR_ERR_X509_EXPIRED] = "the certificate has expired or is not yet valid",
	[BR_ERR_X509_DN_MISMATCH] = "the certificates of the chain do not fit together",
	[BR_ERR_X509_BAD_SERVER_NAME] = "the certificate is for another name",
	[BR_ERR_X509_CRITICAL_EXTENSION] = "the certificate has an unknown critical extension",
	[BR_ERR_X509_NOT_CA] = "the certificate was issued by one that is no CA",
	[BR_ERR_X509_FORBIDDEN_KEY_USAGE] = "the certificate is not for this use",
	[BR_ERR_X509_WEAK_PUBLIC_KEY] = "the certificate has a weak key",
	[BR_ERR_X509_NOT_TRUSTED] = "the certificate is from no trusted authority",
};

/* RFC 5246 7.2.2, RFC 6066 9, RFC 7301 3.2 */
static const char *const alert_received[ALERTS] = {
	[0] = "the peer closed",
	[10] = "the peer reports an unexpected message",
	[20] = "the peer reports a damaged record",
	[22] = "the peer reports a record that is too large",
	[40] = "the peer found no common cipher (handshake_failure)",
	[42] = "the peer says our certificate is bad",
	[43] = "the peer does not support our certificate",
	[44] = "the peer says our certificate is revoked",
	[45] = "the peer says our certificate has expired",
	[46] = "the peer does not accept our certificate",
	[47] = "the peer reports an illegal parameter",
	[48] = "the peer does not know the authority of our certificate",
	[49] = "the peer denies access",
	[50] = "the peer could not decode a message",
	[51] = "the peer could not decrypt or verify a message",
	[70] = "the peer does not speak TLS 1.2",
	[71] = "the peer demands better ciphers",
	[80] = "the peer reports an internal error",
	[86] = "the peer refuses a fallback to TLS 1.2",
	[90] = "the peer gave up",
	[100] = "the peer refuses renegotiation",
	[110] = "the peer does not support an extension",
	[112] = "the peer does not know the server name",
	[116] = "the peer wants a client certificate",
	[120] = "the peer speaks no common application protocol",
};

static const char *const alert_sent[ALERTS] = {
	[10] = "an unexpected message",
	[40] = "no common cipher",
	[47] = "an illegal parameter",
	[70] = "the peer does not speak TLS 1.2",
	[71] = "no common cipher that is strong enough",
	[109] = "an extension that is missing",
	[120] = "no common application protocol",
};

static const char *const own_words[] = {
	[TLS_ERROR_CUT - TLS_ERROR_CUT] = "the connection was cut",
	[TLS_ERROR_NO_CERTIFICATE - TLS_ERROR_CUT] = "we have no certificate",
	[TLS_ERROR_NO_CIPHER - TLS_ERROR_CUT] = "no common cipher",
	[TLS_ERROR_NO_TRUST - TLS_ERROR_CUT] = "there are no trusted authorities to verify with",
	[TLS_ERROR_NOT_FOR_CLIENTS - TLS_ERROR_CUT] =
		"the certificate is not for the login of a client",
	[TLS_ERROR_NO_ADDRESS - TLS_ERROR_CUT] = "the certificate names no mail address",
	[TLS_ERROR_TLSA - TLS_ERROR_CUT] = "the certificate matches no TLSA record",
};

static const char *row(const char *const *words, size_t count, size_t i)
{
	return i < count ? words[i] : NULL;
}

static const char *known_words(unsigned error)
{
	if (error >= TLS_ERROR_CUT)
		return row(own_words, COUNT(own_words), error - TLS_ERROR_CUT);
	if (error >= ALERT_SENT)
		return row(alert_sent, ALERTS, error - ALERT_SENT);
	if (error >= ALERT_RECEIVED)
		return row(alert_received, ALERTS, error - ALERT_RECEIVED);
	if (row(engine_words, COUNT(engine_words), error) != NULL)
		return engine_words[error];
	/* the many errors of DER have one meaning for an operator */
	if (error > BR_ERR_X509_OK && error <= BR_ERR_X509_NOT_TRUSTED)
		return "the certificate is malformed";
	return NULL;
}

const char *tls_words(unsigned error, struct why *scratch)
{
	const char *words = known_words(error);

	if (words != NULL)
		return words;
	if (error >= ALERT_SENT)
		(void)fail(scratch, ERR_IO, "failed with alert %u", error - ALERT_SENT);
	else if (error >= ALERT_RECEIVED)
		(void)fail(scratch, ERR_IO, "the peer sent alert %u", error - ALERT_RECEIVED);
	else
		(void)fail(scratch, ERR_IO, "error %u", error);
	return scratch->text;
}
