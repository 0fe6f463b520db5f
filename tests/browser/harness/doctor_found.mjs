// harness/doctor_found.mjs: what the doctor of a server that is in use has found. The server of the
// tests has no DNS to look at: these are answers of one that had some (as in tests/e2e/test_doctor.py),
// with other names and times.
const RESOLVERS = ['192.0.2.53', '9.9.9.9']
const SERVERS = ['ns1.dns.example [198.51.100.1]', 'ns2.dns.example [198.51.100.2]']
const ago = (minutes) => new Date(Date.now() - minutes * 60e3).toISOString()
const OLD = ago(9 * 1440)

const seen = (by, of, data, state = 'ok', answer = data.length > 0 ? 'found' : 'no such record') =>
  ({ by, of, answer, data, ttl_s: 3600, state })

/** Everybody sees the same. */
const all = (data, state) => [
  ...RESOLVERS.map((by) => seen(by, 'resolver', data, state)), ...SERVERS.map((by) => seen(by, 'authority', data, state)),
]

function row(type, name, expected, purpose, more = {}) {
  return {
    id: `${type}:${name}`, name, type, purpose, expected, paste: `${name}. IN ${type} ${type === 'TXT' ? `"${expected}"` : expected}`,
    optional: false, state: 'ok', words: 'The record is correct.', advice: '', seen: all([expected]), right: OLD, since: OLD, ...more,
  }
}

const fact = (id, type, name, words, more = {}) =>
  row(type, name, '', '', { id, paste: '', words, seen: [], ...more })

export const KEY = 'v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A' + 'Qk7'.repeat(120) + 'IDAQAB'

const OLD_SPF = 'v=spf1 include:_spf.old-provider.example ~all'
const SPF = 'v=spf1 mx include:_spf.old-provider.example ~all'
const DMARC = 'v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org'

const ROWS = [
  row('MX', 'example.org', '10 mail.example.org', "MX: the server that receives the domain's mail (RFC 5321 5.1)"),
  row('TXT', 'example.org', SPF, "SPF: which servers may send in the domain's name; one record for all of them (RFC 7208)", {
    state: 'fail', words: 'The record was correct until recently, and some resolvers still have it in their cache. The zone no longer has it.',
    advice: 'Check whether the zone was changed. Replace the record by this one, which keeps the other terms. The present one does not allow 192.0.2.1 to send, so receivers refuse or mark mail from there.',
    since: ago(125), right: ago(185),
    seen: [seen(RESOLVERS[0], 'resolver', [SPF]), seen(RESOLVERS[1], 'resolver', [OLD_SPF], 'fail'), ...SERVERS.map((by) => seen(by, 'authority', [OLD_SPF], 'fail'))],
  }),
  row('TXT', 'r202611._domainkey.example.org', KEY, "DKIM: the key that signs the domain's mail (RFC 6376)"),
  row('TXT', '_dmarc.example.org', DMARC, 'DMARC: the policy for mail that fails authentication, and where reports go (RFC 7489)', {
    state: 'warn', words: 'The zone has the correct record. 1 of 2 resolvers still have the previous one in their cache.',
    advice: 'No action is needed. The resolvers query again after 42 minutes at most. A resolver that keeps its answer for longer modifies answers.', right: null, since: null,
    seen: [seen(RESOLVERS[0], 'resolver', [DMARC]), seen(RESOLVERS[1], 'resolver', [], 'fail'), ...SERVERS.map((by) => seen(by, 'authority', [DMARC]))],
  }),
  row('CNAME', 'autoconfig.example.org', 'mail.example.org', 'Autoconfiguration of Thunderbird', {
    optional: true, state: 'unknown', words: 'No name server answered.', advice: 'Try again in a moment. If the error persists, check ROOST_DNS_SERVERS, and that outgoing port 53 is open.', seen: RESOLVERS.map((by) => seen(by, 'resolver', [], 'unknown', 'does not answer')),
  }),
  fact('servers', 'servers', 'example.org', 'All name servers of the zone answer, and agree.', { purpose: 'The authoritative name servers of the zone' }),
  fact('bimi', 'TXT', 'default._bimi.example.org', 'There is no record, and none is needed.', { purpose: "BIMI: a logo that some mail clients show", optional: true }),
]

const HOST = [
  row('A', 'mail.example.org', '192.0.2.1', 'Where this server is'),
  row('PTR', '1.2.0.192.in-addr.arpa', 'mail.example.org', 'The name of the address: receivers look whether it is that of a mail server, and leads back'),
  fact('list:zen.blocklist.example:192.0.2.1', 'list', '192.0.2.1', 'zen.blocklist.example lists it as a sender of unwanted mail.', {
    state: 'warn', purpose: 'A list that others ask before they take mail (RFC 5782)', advice: 'Fix the cause, then request removal at the web site of zen.blocklist.example, or send through a smarthost.',
    since: ago(245), right: ago(305), expected: 'not listed by zen.blocklist.example', seen: [seen(RESOLVERS[0], 'resolver', ['127.0.0.2'], 'warn')],
  }),
]

function partOf(name, rows) {
  const counts = { ok: 0, warn: 0, fail: 0, unknown: 0 }
  for (const r of rows) counts[r.state]++
  const state = ['fail', 'warn', 'unknown'].find((s) => counts[s] > 0) ?? 'ok'
  return { name, looked: ago(5), looking: false, state, counts, rows }
}

export const DOMAIN = partOf('example.org', ROWS)
const { rows: _, ...BARE } = DOMAIN
const FRIENDS = { ...partOf('friends.example', [row('MX', 'friends.example', '10 mail.example.org', '')]), rows: undefined }
export const DOCTOR = { host: partOf('', HOST), domains: [BARE, FRIENDS] }

const step = (id, title, state, was, expected = '', advice = '') => ({ id, title, state, seen: was, expected, advice })
export const SELF_TEST = {
  state: 'done', domain: 'example.org', from: 'postmaster@example.org', to: 'anna@example.org', message_id: '<20260302.7f3a@mail.example.org>',
  started: ago(1), ended: ago(1), problem: '', steps: [
    step('ptr', 'Name of the sending address (PTR, HELO)', 'ok', '192.0.2.1 is mail.example.org', 'mail.example.org, and that it leads back'),
    step('spf', 'May that address send for the domain? (SPF)', 'warn', 'softfail by ~all', "pass: the domain's record names the address", 'Publish the SPF record that the page of the domain shows. Receivers that check SPF alone refuse or mark this mail.'),
    step('dkim', 'Signature (DKIM)', 'ok', 'r202611 with rsa-sha256: pass', 'it verifies with the key in DNS'),
    step('dkim', 'Signature (DKIM)', 'ok', 'e202611 with ed25519-sha256: pass', 'it verifies with the key in DNS'),
    step('dmarc', 'Is it proven who wrote it? (DMARC)', 'ok', 'pass by signature, policy none', 'pass, by a signature or SPF of the domain itself'),
    step('helo', 'Server on port 25', 'ok', 'mail.example.org says that it is mail.example.org', 'mail.example.org'),
    step('sent', 'Our own server takes the message', 'ok', 'mail.example.org [192.0.2.1], from 192.0.2.1, over TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305: 250 accepted as x3moxs5n-1, after 41 ms'),
    step('results', 'Results of this server\'s checks', 'ok', 'iprev=pass; spf=pass; dkim=pass (r202611); dkim=pass (e202611); dmarc=pass'),
    step('filter', 'Checks and filters of incoming mail', 'ok', 'passed: blocked, fcrdns, helo, spf, forged, dkim, dmarc, milter; X-Spam-Score: -2.1'),
    step('delivery', 'Arrival', 'ok', 'in INBOX of anna@example.org, 63 ms after it was written'),
  ],
}
