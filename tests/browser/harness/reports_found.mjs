// harness/reports_found.mjs: reports as a domain in use gets them in a month. What the API answers of
// real ones is of tests/e2e/test_reports_in.py.
const NOW = Date.now()
const day = (ago) => new Date(Math.floor(NOW / 864e5) * 864e5 - ago * 864e5).toISOString().replace('.000', '')
const hours = (ago) => new Date(NOW - ago * 36e5).toISOString()

/** The same numbers in each run: a wave by the days of the week. */
const wave = (i, mean) => Math.round(mean * [1, 1.1, 1.05, 1.2, 0.9, 0.35, 0.3][i % 7] * (1 + (i * 37 % 11) / 40))

const ORGANIZATIONS = ['mail.example.net', 'Great Mail Inc.', 'post.example.com']

export const DOMAINS = [
  { domain: 'example.org', dmarc: 61, tls: 28, failures: 3, last: hours(5), messages: 4210, passed: 4068, failed: 142, sessions_good: 2890, sessions_failed: 31, complaints: 3 },
  { domain: 'friends.example', dmarc: 0, tls: 0, failures: 0, last: null, messages: 0, passed: 0, failed: 0, sessions_good: 0, sessions_failed: 0, complaints: 0 },
]

const dmarcDays = Array.from({ length: 30 }, (_, i) => {
  const passed = wave(i, 140), failed = i > 19 && i < 24 ? 28 : wave(i, 2)
  return { day: day(29 - i), count: passed + failed, passed, failed, none: failed, quarantine: 0, reject: 0, dkim: passed, spf: passed - 10 }
})
dmarcDays[21].quarantine = 12

const source = (address, count, failed, verdict, words, more) => ({
  address, count, passed: count - failed, failed, none: count, quarantine: 0, reject: 0, dkim: count - failed, spf: count - failed,
  verdict, words, first: day(29), last: day(1), organizations: ORGANIZATIONS, dkim_domains: ['example.org'], spf_domains: ['example.org'], ...more,
})

export const DMARC = {
  domain: 'example.org', days: dmarcDays, sources_more: 0,
  organizations: [{ name: 'mail.example.net', count: 2210, reports: 29 }, { name: 'Great Mail Inc.', count: 1800, reports: 28 }],
  sources: [
    source('192.0.2.1', 3904, 0, 'passes', 'DMARC passed: SPF or DKIM authenticates the mail as the domain\'s own.'),
    source('198.51.100.77', 164, 0, 'passes', 'DMARC passed: SPF or DKIM authenticates the mail as the domain\'s own.', { spf: 0, spf_domains: ['lists.example.net'], organizations: ['Great Mail Inc.'] }),
    source('2001:db8:bad::25', 112, 112, 'unauthenticated', 'SPF and DKIM both failed: a forged sender, or your own server without SPF entry and DKIM.', { dkim_domains: [], spf_domains: [], first: day(9), last: day(6), quarantine: 12, none: 100 }),
    source('203.0.113.40', 30, 30, 'misaligned', 'SPF or DKIM passed, but for another domain than From.', { dkim_domains: ['mailer.example'], spf_domains: ['bounce.mailer.example'] }),
    source('', 12, 2, 'mixed', 'DMARC passed for a part of the mail. Check that the server signs all mail with DKIM.'),
  ],
}

export const TLS = {
  domain: 'example.org', days: Array.from({ length: 30 }, (_, i) => ({ day: day(29 - i), good: wave(i, 96), failed: i === 12 ? 24 : i === 13 ? 7 : 0 })),
  organizations: [{ name: 'Great Mail Inc.', count: 2921, reports: 28 }],
  failures: [{ result: 'certificate-expired', words: 'The certificate had expired. Check why it was not renewed.', mx: 'mail.example.org', count: 31, first: day(17), last: day(16), organizations: ['Great Mail Inc.'] }],
}

const report = (id, kind, organization, more) => ({
  id, kind, domain: 'example.org', organization, contact: 'dmarc@great-mail.example', report_id: `example.org-${id}`, from: 'noreply-dmarc@great-mail.example',
  received: hours(5 + Number(id)), begin: day(1), end: day(0), rows: 3, messages: 138, passed: 131, failed: 7, proven: true, ...more,
})

export const REPORTS = [
  report('14', 'dmarc', 'Great Mail Inc.'),
  report('13', 'tls', 'Great Mail Inc.', { messages: 96, passed: 96, failed: 0 }),
  report('12', 'dmarc', 'mail.example.net', { messages: 74, passed: 74, failed: 0 }),
  report('11', 'failure', 'post.example.com', { messages: 1, passed: 0, failed: 1, rows: 1 }),
  report('10', 'dmarc', 'Nobody in particular', { messages: 9000, passed: 0, failed: 9000, proven: false, from: 'x@elsewhere.example' }),
]

export const ARF = {
  domain: 'example.org', complaints: REPORTS.filter((r) => r.kind === 'failure'),
  days: Array.from({ length: 30 }, (_, i) => ({ day: day(29 - i), count: i % 13 === 4 ? 1 : 0, abuse: i % 13 === 4 ? 1 : 0, auth_failure: 0, other: 0 })),
  types: [{ name: 'abuse', count: 3, reports: 3 }],
}

const auth = (domain, result, selector = '') => ({ domain, selector, result })
const row = (address, count, verdict, words, more) => ({
  address, count, disposition: 'none', dkim_aligned: true, spf_aligned: true, header_from: 'example.org', envelope_from: 'example.org', envelope_to: '', reasons: [],
  dkim: [auth('example.org', 'pass', 'r202611'), auth('example.org', 'pass', 'e202611')], spf: [auth('example.org', 'pass')], verdict, words, ...more,
})

const WHOLE = { policy: '', remarks: [], dmarc: [], tls: [], feedback: null, rows_next: 0 }
const ROWS = [
  row('192.0.2.1', 126, 'passes', DMARC.sources[0].words),
  row('198.51.100.77', 5, 'passes', DMARC.sources[1].words, { spf_aligned: false, spf: [auth('lists.example.net', 'pass')], envelope_from: 'lists.example.net' }),
]
const FORGED = row('2001:db8:bad::25', 7, 'unauthenticated', DMARC.sources[2].words, {
  disposition: 'quarantine', dkim_aligned: false, spf_aligned: false, dkim: [], spf: [auth('example.org', 'fail')], reasons: ['local policy: arc=fail'],
})

/** By id; the DMARC one has its last row on a second page. */
export const WHOLES = {
  14: { ...REPORTS[0], ...WHOLE, policy: 'p=none; sp=none; adkim=r; aspf=r; pct=100', remarks: ['two rows beyond the limit were left out'], dmarc: ROWS, rows_next: 2 },
  13: {
    ...REPORTS[1], ...WHOLE, tls: [{
      policy: 'sts', domain: 'example.org', mx: ['mail.example.org'], good: 65, failed: 31,
      failures: [{ result: 'certificate-expired', words: 'The certificate had expired. Check why it was not renewed.', from: '203.0.113.9', mx: 'mail.example.org', helo: '', address: '192.0.2.1', count: 31, info: '', reason: 'X509_V_ERR_CERT_HAS_EXPIRED' }],
    }],
  },
  11: {
    ...REPORTS[3], ...WHOLE, feedback: {
      type: 'abuse', agent: 'Feedback/1.0', address: '192.0.2.1', original_from: 'news@example.org', original_to: ['ada@post.example.com'], reported_domains: ['example.org'],
      arrived: hours(40), incidents: 1, authentication_results: 'post.example.com; dkim=pass header.d=example.org', delivery_result: 'delivered', auth_failure: '',
      dkim_domain: '', dkim_selector: '', spf: '', subject: 'Our news in March', message_id: '<news-3@example.org>',
    },
  },
  10: { ...REPORTS[4], ...WHOLE, dmarc: [FORGED] },
}
export const SECOND = { ...WHOLES[14], dmarc: [FORGED], rows_next: 0 }

const out = (kind, domain, state, more) => ({
  key: `${domain}-${state}`, kind, domain, id: '', begin: day(1), end: state === 'counting' ? null : day(0), state, when: state === 'counting' ? null : hours(6), attempts: 1,
  messages: 14, bytes: 912, why: '', to: [{ to: `mailto:dmarc@${domain}`, sent: state === 'sent', why: '' }], ...more,
})
export const OUT = [
  out('dmarc', 'great-mail.example', 'counting', { bytes: 0, messages: 5, attempts: 0, to: [] }),
  out('dmarc', 'great-mail.example', 'sent'),
  out('tls', 'post.example.com', 'waiting', { attempts: 3, why: 'the server of the report did not answer', to: [{ to: 'https://tls.post.example.com/v1', sent: false, why: '' }] }),
  out('dmarc', 'elsewhere.example', 'unsent', { to: [{ to: 'mailto:d@reader.example', sent: false, why: 'reader.example does not agree to get reports on it' }] }),
]
export const SUPPRESSED = [{ address: 'old@gone.example', since: hours(30), until: new Date(NOW + 5 * 864e5).toISOString(), refusals: 2, reply: '550 5.1.1 no such user' }]
