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
    optional: false, state: 'ok', words: 'it is as it should be', advice: '', seen: all([expected]), right: OLD, since: OLD, ...more,
  }
}

const fact = (id, type, name, words, more = {}) =>
  row(type, name, '', '', { id, paste: '', words, seen: [], ...more })

export const KEY = 'v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A' + 'Qk7'.repeat(120) + 'IDAQAB'

const OLD_SPF = 'v=spf1 include:_spf.old-provider.example ~all'
const SPF = 'v=spf1 mx include:_spf.old-provider.example ~all'
const DMARC = 'v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org'

const ROWS = [
  row('MX', 'example.org', '10 mail.example.org', "Tells other servers to bring the domain's mail here (RFC 5321 5.1)"),
  row('TXT', 'example.org', SPF, "SPF: which servers may send in the domain's name; one record for all of them (RFC 7208)", {
    state: 'fail', words: 'it was right until lately, and some name servers still remember that; the zone has it right no more',
    advice: 'look whether the zone was changed; it does not let 192.0.2.1 send, so receivers refuse mail from there, or mark it: replace the record by this one; it keeps what others put there',
    since: ago(125), right: ago(185),
    seen: [seen(RESOLVERS[0], 'resolver', [SPF]), seen(RESOLVERS[1], 'resolver', [OLD_SPF], 'fail'), ...SERVERS.map((by) => seen(by, 'authority', [OLD_SPF], 'fail'))],
  }),
  row('TXT', 'r202611._domainkey.example.org', KEY, "DKIM: the key by which others see that mail in the domain's name is from here and unchanged (RFC 6376)"),
  row('TXT', '_dmarc.example.org', DMARC, 'DMARC: what others do with mail that only pretends to be yours, and where they report it (RFC 7489)', {
    state: 'warn', words: 'the zone has it right; 1 of 2 name servers that remember answers still have what was there before',
    advice: 'nothing to do but wait: they ask anew after 42 minutes at the latest. If one keeps its answer for longer, it changes answers on the way', right: null, since: null,
    seen: [seen(RESOLVERS[0], 'resolver', [DMARC]), seen(RESOLVERS[1], 'resolver', [], 'fail'), ...SERVERS.map((by) => seen(by, 'authority', [DMARC]))],
  }),
  row('CNAME', 'autoconfig.example.org', 'mail.example.org', 'Where Thunderbird and others ask for settings', {
    optional: true, state: 'unknown', words: 'no name server told', advice: 'try again in a moment; if it stays so, see ROOST_DNS_SERVERS, and whether port 53 is open to the outside', seen: RESOLVERS.map((by) => seen(by, 'resolver', [], 'unknown', 'does not answer')),
  }),
  fact('servers', 'servers', 'example.org', 'all name servers of the zone answer, and agree', { purpose: 'The name servers of the zone: each of them is asked by somebody' }),
  fact('bimi', 'TXT', 'default._bimi.example.org', 'there is none, and none is needed', { purpose: "BIMI: a picture that some show beside the domain's mail", optional: true }),
]

const HOST = [
  row('A', 'mail.example.org', '192.0.2.1', 'Where this server is'),
  row('PTR', '1.2.0.192.in-addr.arpa', 'mail.example.org', 'The name of the address: receivers look whether it is that of a mail server, and leads back'),
  fact('list:zen.blocklist.example:192.0.2.1', 'list', '192.0.2.1', 'listed as a sender of bad mail (zen.blocklist.example)', {
    state: 'warn', purpose: 'A list that others ask before they take mail (RFC 5782)', advice: 'see at the web site of zen.blocklist.example why, and ask to be taken off, once the cause is mended; or send through a smarthost',
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
    step('spf', 'May that address send for the domain? (SPF)', 'warn', 'softfail by ~all', "pass: the domain's record names the address", "put the SPF record of the domain's page in place; receivers that look at SPF alone refuse or mark this mail"),
    step('dkim', 'Signature (DKIM)', 'ok', 'r202611 with rsa-sha256: pass', 'it verifies with the key in DNS'),
    step('dkim', 'Signature (DKIM)', 'ok', 'e202611 with ed25519-sha256: pass', 'it verifies with the key in DNS'),
    step('dmarc', 'Is it proven who wrote it? (DMARC)', 'ok', 'pass by signature, policy none', 'pass, by a signature or SPF of the domain itself'),
    step('helo', 'Who answers at port 25', 'ok', 'mail.example.org says that it is mail.example.org', 'mail.example.org'),
    step('sent', 'Our own server takes the message', 'ok', 'mail.example.org [192.0.2.1], from 192.0.2.1, over TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305: 250 accepted as x3moxs5n-1, after 41 ms'),
    step('results', 'What our own server found out', 'ok', 'iprev=pass; spf=pass; dkim=pass (r202611); dkim=pass (e202611); dmarc=pass'),
    step('filter', 'Checks and filters of incoming mail', 'ok', 'passed: blocked, fcrdns, helo, spf, forged, dkim, dmarc, milter; X-Spam-Score: -2.1'),
    step('delivery', 'Arrival', 'ok', 'in INBOX of anna@example.org, 63 ms after it was written'),
  ],
}
