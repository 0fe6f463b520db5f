/* Reports as large senders write them, in their order of elements and with their habits. */
#ifndef UNIT_REPORT_SAMPLES_H
#define UNIT_REPORT_SAMPLES_H

/* With an XML declaration, indented, policy before records, a reason. */
#define SAMPLE_INDENTED                                                                    \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<feedback>\n"                         \
	"  <version>1.0</version>\n  <report_metadata>\n"                                   \
	"    <org_name>mailer.example</org_name>\n"                                         \
	"    <email>noreply-dmarc@mailer.example</email>\n"                                 \
	"    <extra_contact_info>https://mailer.example/a?b=1&amp;c=2</extra_contact_info>\n" \
	"    <report_id>1234567890123456789</report_id>\n"                                  \
	"    <date_range>\n      <begin>1700006400</begin>\n      <end>1700092799</end>\n"  \
	"    </date_range>\n  </report_metadata>\n  <policy_published>\n"                   \
	"    <domain>example.org</domain>\n    <adkim>r</adkim>\n    <aspf>s</aspf>\n"      \
	"    <p>quarantine</p>\n    <sp>reject</sp>\n    <pct>50</pct>\n    <np>reject</np>\n" \
	"  </policy_published>\n  <record>\n    <row>\n"                                    \
	"      <source_ip>192.0.2.1</source_ip>\n      <count>7</count>\n"                  \
	"      <policy_evaluated>\n        <disposition>none</disposition>\n"               \
	"        <dkim>pass</dkim>\n        <spf>fail</spf>\n        <reason>\n"            \
	"          <type>forwarded</type>\n          <comment>looks so</comment>\n"         \
	"        </reason>\n      </policy_evaluated>\n    </row>\n    <identifiers>\n"     \
	"      <header_from>example.org</header_from>\n    </identifiers>\n"                \
	"    <auth_results>\n      <dkim>\n        <domain>example.org</domain>\n"          \
	"        <result>pass</result>\n        <selector>k1</selector>\n      </dkim>\n"   \
	"      <dkim>\n        <domain>list.example</domain>\n"                             \
	"        <result>FAIL</result>\n      </dkim>\n      <spf>\n"                       \
	"        <domain>list.example</domain>\n        <result>pass</result>\n"            \
	"      </spf>\n    </auth_results>\n  </record>\n</feedback>\n"

/* With name spaces, in one line, with envelope_to, records first. */
#define SAMPLE_DENSE                                                                          \
	"<?xml version=\"1.0\"?><d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\" "     \
	"xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><d:record><d:row>"                     \
	"<d:source_ip>2001:db8::25</d:source_ip><d:count>2</d:count><d:policy_evaluated>"      \
	"<d:disposition>reject</d:disposition><d:dkim>fail</d:dkim><d:spf>fail</d:spf>"        \
	"</d:policy_evaluated></d:row><d:identifiers><d:envelope_to>outlook.example"           \
	"</d:envelope_to><d:envelope_from>spam.example</d:envelope_from>"                      \
	"<d:header_from>sub.example.org</d:header_from></d:identifiers><d:auth_results>"       \
	"<d:spf><d:domain>spam.example</d:domain><d:scope>mfrom</d:scope>"                     \
	"<d:result>softfail</d:result></d:spf></d:auth_results></d:record>"                    \
	"<d:policy_published><d:domain>example.org</d:domain><d:p>reject</d:p>"                \
	"<d:discovery_method>treewalk</d:discovery_method><d:testing>n</d:testing>"            \
	"</d:policy_published><d:extension><x:y xmlns:x=\"u\"><x:z>1</x:z></x:y></d:extension>" \
	"<d:report_metadata><d:org_name>Enterprise &amp; Co</d:org_name>"                      \
	"<d:report_id>abc!def</d:report_id><d:error>DNS was slow</d:error>"                    \
	"<d:date_range><d:begin>1700006400.0</d:begin><d:end>1700092800.0</d:end>"             \
	"</d:date_range></d:report_metadata></d:feedback>"

#define SAMPLE_TLS                                                                         \
	"{\"organization-name\":\"Company-X\",\"date-range\":{"                             \
	"\"start-datetime\":\"2023-11-15T00:00:00Z\",\"end-datetime\":\"2023-11-15T23:59:59Z\"}," \
	"\"contact-info\":\"sts-reporting@company-x.example\","                            \
	"\"report-id\":\"5065427c-23d3-47ca-b6e0-946ea0e8c4be\",\"policies\":[{\"policy\":{" \
	"\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: testing\"],"   \
	"\"policy-domain\":\"Example.ORG\",\"mx-host\":[\"*.mail.example.org\"]},"           \
	"\"summary\":{\"total-successful-session-count\":5326,"                            \
	"\"total-failure-session-count\":303},\"failure-details\":[{"                       \
	"\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"2001:db8:abcd:12::1\"," \
	"\"receiving-mx-hostname\":\"mx1.mail.example.org\",\"failed-session-count\":100},{" \
	"\"result-type\":\"starttls-not-supported\",\"sending-mta-ip\":\"2001:db8:abcd:13::1\"," \
	"\"receiving-mx-hostname\":\"mx2.mail.example.org\",\"receiving-ip\":\"203.0.113.56\"," \
	"\"failed-session-count\":203,\"additional-information\":\"https://x.example/?id=1\"}" \
	"]},{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.org\","  \
	"\"mx-host\":\"mx.example.org\"},\"summary\":{\"total-successful-session-count\":\"3\"," \
	"\"total-failure-session-count\":-1}}]}"

#define SAMPLE_ARF_TOP                                                                     \
	"From: <fbl@provider.example>\r\nTo: <abuse@example.org>\r\nMIME-Version: 1.0\r\n"  \
	"Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\r\n" \
	"--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n--b\r\n"               \
	"Content-Type: message/feedback-report\r\n\r\n"
#define SAMPLE_ARF_END                                                                     \
	"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Ada <ada@example.org>\r\n"    \
	"Subject: =?utf-8?q?caf=C3=A9?=\r\nMessage-ID: <m1@example.org>\r\n\r\nhi\r\n--b--\r\n"
#define SAMPLE_COMPLAINT                                                                   \
	SAMPLE_ARF_TOP "Feedback-Type: Abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\n"       \
	               "Original-Mail-From: <ada@example.org>\r\n"                         \
	               "Original-Rcpt-To: <b@x.example>\r\n"                               \
	               "Arrival-Date: Wed, 15 Nov 2023 00:00:00 +0000\r\nIncidents: 3\r\n"  \
	               "Source-IP: 192.0.2.9\r\nReported-Domain: Example.org\r\n" SAMPLE_ARF_END
#define SAMPLE_FAILURE                                                                     \
	SAMPLE_ARF_TOP "Feedback-Type: auth-failure\r\nUser-Agent: Auth/2\r\nVersion: 1\r\n" \
	               "Auth-Failure: dmarc\r\nDelivery-Result: reject\r\n"                 \
	               "Authentication-Results: mx.provider.example;\r\n dmarc=fail\r\n"    \
	               "DKIM-Domain: example.org\r\nDKIM-Selector: k1\r\n" SAMPLE_ARF_END

#endif
