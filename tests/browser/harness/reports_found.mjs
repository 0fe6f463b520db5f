// harness/reports_found.mjs: reports as a server in use has them. What the API answers of real ones
// is of tests/e2e.
const NOW = Date.now()
const day = (ago) => new Date(Math.floor(NOW / 864e5) * 864e5 - ago * 864e5).toISOString().replace('.000', '')
const hours = (ago) => new Date(NOW - ago * 36e5).toISOString()

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
