// doctor.test.mjs: the DNS doctor's pages: what was found, by whom it was seen, what to do; looks
// and self-tests that are begun there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { DOCTOR, DOMAIN, KEY, SELF_TEST } from './harness/doctor_found.mjs'
import { freePort, OWNER, startOwned } from './harness/server.mjs'

const SEEN = [...Object.entries(SIZES).map(([size, viewport]) => [size, { viewport }]), ['dark', { viewport: SIZES.desktop, colorScheme: 'dark' }]]

let server, browser

before(async () => {
  server = await startOwned({ LISTEN_SMTP: `127.0.0.1:${await freePort()}` })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

const groups = (page) => page.locator('.finding-group h3').allInnerTexts()

for (const [size, options] of SEEN)
  test(`what the doctor found, ${size}`, async () => {
    const page = await openTab(browser, server.url, options)
    await logIn(page, OWNER)
    await page.route('**/api/doctor', (route) => route.fulfill({ json: DOCTOR }))
    await page.route('**/api/doctor/self-test', (route) => route.fulfill({ json: { ...SELF_TEST, state: 'none', steps: [] } }))
    await page.route('**/api/domains/*/doctor', (route) => route.fulfill({ json: DOMAIN }))
    await visit(page, '/doctor')
    await page.getByRole('row').filter({ hasText: 'example.org' }).getByText('1 error, 1 warning, 1 unknown').waitFor()
    await page.getByRole('row').filter({ hasText: 'friends.example' }).getByText('None').waitFor()
    await page.getByText('zen.blocklist.example lists it as a sender of unwanted mail.').waitFor()
    assert.deepEqual(await groups(page), ['Warning (1)', 'OK (2)'])
    await look(page, `doctor-${size}`)
    if (size === 'desktop') await tabThrough(page, 'doctor')

    await page.getByRole('main').getByRole('link', { name: 'example.org' }).first().click()
    await page.getByText('The record was correct until recently, and some resolvers still have it in their cache.').waitFor()
    assert.deepEqual(await groups(page), ['Error (1)', 'Warning (1)', 'Unknown (1)', 'OK (4)'])
    const spf = page.locator('.record').filter({ hasText: 'SPF:' })
    assert.deepEqual(await spf.locator('tbody strong').allInnerTexts(),
      ['192.0.2.53', '9.9.9.9', 'ns1.dns.example [198.51.100.1]', 'ns2.dns.example [198.51.100.2]'])
    await spf.getByText('Since').waitFor()
    await spf.getByText('Last correct').waitFor()
    const dmarc = page.locator('.record').filter({ hasText: 'DMARC:' })
    assert.equal(await dmarc.getByText(/^Since|Last correct/).count(), 0) // nobody knows
    await look(page, `domain-doctor-${size}`)
    if (size === 'desktop') await tabThrough(page, 'domain-doctor')
    await page.getByRole('button', { name: 'Only problems' }).click()
    assert.deepEqual(await groups(page), ['Error (1)', 'Warning (1)', 'Unknown (1)'])
    await page.context().close()
  })

for (const [size, options] of SEEN)
  test(`how the self-test went, ${size}`, async () => {
    const page = await openTab(browser, server.url, options)
    await logIn(page, OWNER)
    let begun = null
    await page.route('**/api/doctor', (route) => route.fulfill({ json: DOCTOR }))
    await page.route('**/api/doctor/self-test', (route) => {
      if (route.request().method() !== 'POST') return route.fulfill({ json: begun ? SELF_TEST : { ...SELF_TEST, state: 'none', steps: [] } })
      begun = route.request().postDataJSON()
      return route.fulfill({ status: 204 })
    })
    await visit(page, '/doctor')
    await page.getByLabel('Recipient').fill('anna@example.org')
    await page.getByRole('button', { name: 'Start test' }).click()
    await page.getByText('1 step needs attention.').waitFor()
    assert.deepEqual(begun, { domain: 'example.org', to: 'anna@example.org' })
    const steps = page.getByRole('list', { name: 'Steps of the delivery test' }).getByRole('listitem')
    assert.equal(await steps.count(), SELF_TEST.steps.length)
    await steps.filter({ hasText: 'softfail' }).getByText('Publish the SPF record').waitFor()
    await page.getByRole('heading', { name: 'Delivery test' }).scrollIntoViewIfNeeded()
    await page.evaluate(() => document.querySelector('form.inline').scrollIntoView())
    await look(page, `self-test-${size}`)
    await page.context().close()
  })

test('records are copied, also as a line of a zone file and in strings', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop, permissions: ['clipboard-read', 'clipboard-write'] })
  await logIn(page, OWNER)
  const pasted = () => page.evaluate(() => navigator.clipboard.readText())
  await page.route('**/api/domains/*/doctor', (route) => route.fulfill({ json: DOMAIN }))
  await visit(page, '/domains/example.org')
  const record = page.locator('.record').filter({ hasText: 'r202611._domainkey' })
  await record.getByRole('button', { name: 'Copy the name' }).click()
  assert.equal(await pasted(), 'r202611._domainkey.example.org')
  await record.getByText('Value and responses').click()
  await record.getByRole('button', { name: 'Copy TXT' }).click()
  assert.equal(await pasted(), KEY)
  await record.getByText('As a zone file line', { exact: true }).first().click()
  await record.getByRole('button', { name: 'Copy As a zone file line' }).click()
  assert.equal(await pasted(), `r202611._domainkey.example.org. IN TXT "${KEY}"`)
  await record.getByText('As strings of 255 characters', { exact: false }).first().click()
  await record.getByRole('button', { name: 'Copy As strings' }).click()
  assert.deepEqual((await pasted()).match(/"[^"]*"/g).map((s) => s.length - 2), [255, KEY.length - 255])
  await look(page, 'domain-doctor-open', { shown: false })
  await page.context().close()
})

test('what is found is text, whoever wrote it', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.phone })
  await logIn(page, OWNER)
  const evil = '<img src=x onerror=alert(1)>' + 'x'.repeat(300)
  const rows = DOMAIN.rows.map((r) => ({ ...r, words: evil, seen: r.seen.map((s) => ({ ...s, data: [evil], by: evil })) }))
  await page.route('**/api/domains/*/doctor', (route) => route.fulfill({ json: { ...DOMAIN, rows } }))
  await visit(page, '/domains/example.org')
  await page.getByText('<img src=x').first().waitFor()
  assert.equal(await page.locator('main img').count(), 0)
  await look(page, 'domain-doctor-evil', { shown: false })
  await page.context().close()
})

test('a look and a self-test are begun, and their ends are seen', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  page.setDefaultTimeout(60000) // nobody answers the doctor here
  await logIn(page, OWNER)
  await visit(page, '/domains/example.org')
  await page.getByRole('button', { name: 'Check now' }).waitFor()
  const asked = page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/api/doctor'))
  await page.getByRole('button', { name: 'Check now' }).click()
  assert.deepEqual((await asked).postDataJSON(), { domain: 'example.org' })
  await page.getByText('Checked').waitFor()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Zone file' }).click()
  const zone = await coming
  assert.equal(zone.suggestedFilename(), 'example.org.zone')
  assert.match(await (await zone.createReadStream()).setEncoding('utf8').reduce((a, b) => a + b, ''), /\sMX\s/)

  await visit(page, '/doctor')
  await page.getByRole('button', { name: 'Start test' }).click()
  const steps = page.getByRole('list', { name: 'Steps of the delivery test' })
  await steps.getByText('Signature (DKIM)').first().waitFor()
  await page.getByText('The test is running').waitFor({ state: 'detached' })
  await steps.getByText('in INBOX of anna@example.org').waitFor()
  await look(page, 'doctor-unknown', { shown: false })
  await visit(page, '/traces?q=postmaster%40example.org') // it really went
  await page.getByRole('link', { name: 'anna@example.org' }).first().waitFor()
  await page.context().close()
})
