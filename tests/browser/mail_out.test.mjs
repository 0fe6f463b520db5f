// mail_out.test.mjs: pages on mail that goes out, with something on them.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { freePort, OWNER, startOwned } from './harness/server.mjs'

let server, browser, listener, away

before(async () => {
  listener = createServer((q, r) => q.resume().on('end', () => r.writeHead(204).end())).listen(0, '127.0.0.1')
  await new Promise((done) => listener.once('listening', done))
  away = await freePort() // nobody listens there
  server = await startOwned({
    WEBHOOKS: `http://127.0.0.1:${listener.address().port}/geheim name=shop secret=0123456789abcdef events=delivered,bounced,cancelled\n` +
      `http://127.0.0.1:${away}/geheim name=crm from=*@example.org tag=order*`,
  })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  listener?.close()
  assert.equal(await server?.stop(), 0)
})

/** What the test does, at both widths. */
async function atEachSize(act) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await openTab(browser, server.url, { viewport })
    await logIn(page, OWNER)
    await act(page, size)
    await page.context().close()
  }
}

/** As the page itself would ask. */
function ask(page, method, path, body) {
  return page.evaluate(async ([method, path, body]) => {
    const { csrf } = await (await fetch('/api/session')).json()
    const answer = await fetch('/api' + path, {
      method, headers: { 'X-CSRF': csrf, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return answer.json()
  }, [method, path, body])
}

/* Sessions with others are written down each minute, and a test has no minute: what the API
 * answers is of tests/e2e/test_mta_sts_out.py. */
const FAILURE = {
  result: 'certificate-expired', reason: 'the certificate has expired or is not yet valid', host: 'mx1.bravo.example',
  helo: 'mx1.bravo.example', address: '192.0.2.25', from: '198.51.100.7', count: 3,
}
const DAYS = [
  {
    day: '2026-03-02T00:00:00Z', domain: 'bravo.example', policies: [
      { type: 'sts', policy: ['version: STSv1', 'mode: enforce'], good: 12, bad: 3, failures: [FAILURE] },
      { type: 'no-policy-found', policy: [], good: 4, bad: 0, failures: [] }],
  },
  { day: '2026-03-01T00:00:00Z', domain: 'mx.charlie.example', policies: [{ type: 'tlsa', policy: [], good: 7, bad: 0, failures: [] }] },
]
const KEPT = [{
  domain: 'bravo.example', id: '20260301', mode: 'enforce', mx: ['mx1.bravo.example', '*.mail.bravo.example'],
  fetched: '2026-03-01T10:00:00Z', used: '2026-03-02T10:00:00Z', expires: '2026-04-01T10:00:00Z',
}]

test('outbound TLS', () => atEachSize(async (page, size) => {
  const asked = []
  await page.route('**/api/tls/*', (route) => {
    const { pathname, search } = new URL(route.request().url())
    asked.push(pathname + search)
    route.fulfill({ json: { items: pathname.endsWith('policies') ? KEPT : DAYS, next: null } })
  })
  await visit(page, '/tls')
  const row = page.getByRole('row').filter({ hasText: '2 Mar 2026' })
  await row.getByText('3 failures', { exact: true }).waitFor()
  await row.getByText('MTA-STS: 12 successful, 3 failed').waitFor()
  await row.getByText('3 times: the certificate has expired').waitFor()
  await row.getByText('mx1.bravo.example (192.0.2.25), from 198.51.100.7').waitFor()
  await page.getByRole('row').filter({ hasText: 'mx.charlie.example' }).getByText('No failures').waitFor()
  await page.getByRole('button', { name: 'Delete bravo.example' }).waitFor()
  await look(page, `tls-${size}`)
  if (size === 'desktop') await tabThrough(page, 'tls')
  await page.getByLabel('Show').selectOption('Only failures')
  await page.getByLabel('From (UTC)').fill('2026-03-01')
  await page.waitForFunction(() => location.search.includes('since=2026-03-01'))
  await page.waitForTimeout(50) // asked for after the address has changed
  assert.equal(asked.at(-1), '/api/tls/evidence?since=2026-03-01T00%3A00%3A00Z&failures=1')
}))

test('webhooks, and one that cannot be reached', () => atEachSize(async (page, size) => {
  await ask(page, 'POST', '/send', { from: OWNER.address, to: [OWNER.address], subject: 'Your order', text: 'Thank you!', tag: 'order' })
  await visit(page, '/webhooks')
  const row = (name) => page.getByRole('row').filter({ hasText: name })
  const wait = async (name, words) => {
    await row(name).waitFor()
    while (!(await row(name).innerText()).includes(words)) {
      await page.getByRole('button', { name: 'Reload' }).click()
      await page.waitForTimeout(100)
    }
  }
  await wait('shop', 'Working')
  await wait('crm', ' failure')
  const crm = await row('crm').innerText()
  for (const words of ['delivered, bounced', 'from *@example.org', 'with the tag order*', 'not signed', 'Failed to connect', `127.0.0.1:${away}`])
    assert.ok(crm.includes(words), `${words} in ${crm}`)
  assert.equal(await page.getByText('geheim').count(), 0)
  await look(page, `webhooks-${size}`)
  if (size === 'desktop') await tabThrough(page, 'webhooks')
}))

test('an API submission is shown, and cancelled', () => atEachSize(async (page, size) => {
  const friend = `ada-${size}@example.net`
  const later = new Date(Date.now() + 3600e3).toISOString()
  const to = [friend, OWNER.address, ...[1, 2, 3, 4].map((n) => `reader${n}@example.com`)]
  await ask(page, 'POST', '/send', { from: OWNER.address, to, subject: 'Digest', text: 'Hello', tag: 'digest', send_at: later })
  await ask(page, 'POST', '/send', { from: OWNER.address, to: [OWNER.address], subject: 'Your order', text: 'Thank you!', tag: 'order' })
  await visit(page, '/sent')
  const row = page.getByRole('row').filter({ hasText: friend })
  await row.getByText('6 queued').waitFor()
  await row.getByText('and 1 more').waitFor()
  await row.getByText('tag digest').waitFor()
  await page.getByRole('row').filter({ hasText: 'tag order' }).first().getByText('delivered').waitFor()
  await look(page, `sent-${size}`)
  if (size === 'desktop') await tabThrough(page, 'sent')
  await page.getByLabel('Show').selectOption('Only undelivered')
  await page.getByText('tag order').first().waitFor({ state: 'detached' })
  await row.getByRole('link').click()
  await page.getByRole('heading', { name: 'API submission' }).waitFor()
  await page.getByRole('cell', { name: 'reader4@example.com' }).waitFor()
  await page.getByRole('button', { name: 'Cancel delivery' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel delivery' }).click()
  await page.getByText('cancelled').nth(5).waitFor()
  await page.getByRole('button', { name: 'Cancel delivery' }).waitFor({ state: 'detached' })
  await look(page, `sent-message-${size}`)
  await visit(page, '/sent?waiting=1')
  await page.getByText('No messages found.').waitFor()
}))
