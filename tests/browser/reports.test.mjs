// reports.test.mjs: what others report about our domains: sums as charts and tables, each report,
// and what to publish when none come.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { DOMAIN } from './harness/doctor_found.mjs'
import { ARF, DMARC, DOMAINS, OUT, REPORTS, SECOND, SUPPRESSED, TLS, WHOLES } from './harness/reports_found.mjs'
import { sendMail } from './harness/mail.mjs'
import { lacks, OWNER, startOwned } from './harness/server.mjs'

const SEEN = [...Object.entries(SIZES).map(([size, viewport]) => [size, { viewport }]), ['dark', { viewport: SIZES.desktop, colorScheme: 'dark' }]]

let server, browser

before(async () => {
  server = await startOwned()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

const page_of = (items) => ({ items, next: null })
const FIXED = { domains: page_of(DOMAINS), dmarc: DMARC, tls: TLS, arf: ARF, out: page_of(OUT) }

/** A tab whose reports are those of reports_found.mjs; asked gets what is asked of the API. */
async function open(options, asked = []) {
  const page = await openTab(browser, server.url, options)
  await logIn(page, OWNER)
  await page.route(/\/api\/reports(\/|\?|$)/, (route) => {
    const { pathname, searchParams } = new URL(route.request().url())
    const of = pathname.split('/')[3]
    asked.push(`${route.request().method()} ${pathname.slice(4)}${new URL(route.request().url()).search}`)
    if (route.request().method() !== 'GET') return route.fulfill({ status: 204 })
    if (pathname.endsWith('/suppressed')) return route.fulfill({ json: page_of(SUPPRESSED) })
    if (!of) return route.fulfill({ json: page_of(REPORTS.filter((r) => [r.kind, null, ''].includes(searchParams.get('kind')))) })
    return route.fulfill({ json: FIXED[of] ?? (searchParams.get('row') ? SECOND : WHOLES[of]) })
  })
  await page.route('**/api/domains/*/doctor', (route) => {
    const name = new URL(route.request().url()).pathname.split('/')[3]
    return route.fulfill({ json: JSON.parse(JSON.stringify(DOMAIN).replaceAll('example.org', name)) })
  })
  return page
}

for (const [size, options] of SEEN)
  test(`how domains fare, ${size}`, async () => {
    const asked = []
    const page = await open({ ...options }, asked)
    await visit(page, '/reports')
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'example.org', exact: true }) })
    await row.getByText('4,068 of 4,210 passed').waitFor()
    await row.getByText('31 failures').waitFor()
    await page.getByRole('link', { name: 'Nobody in particular' }).waitFor()
    await page.getByText('Unverified').waitFor()
    // One domain is silent: it is told which records ask for reports.
    await page.getByText('There are no reports about friends.example in this period.').waitFor()
    await page.locator('.record').getByText('_dmarc.friends.example').first().waitFor()
    await look(page, `reports-${size}`)
    if (size === 'desktop') await tabThrough(page, 'reports')
    await page.getByLabel('Type').selectOption('TLS report')
    await page.getByRole('link', { name: 'Nobody in particular' }).waitFor({ state: 'detached' })
    await page.getByLabel('Period').selectOption('Last 7 days')
    await page.waitForFunction(() => location.search.includes('days=7'))
    await page.waitForTimeout(50)
    assert.ok(asked.includes('GET /reports?kind=tls&days=7'), asked.join('\n'))
    await page.context().close()
  })

for (const [size, options] of SEEN)
  test(`who sends in a domain's name, ${size}`, async () => {
    const page = await open(options)
    await visit(page, '/reports/domains/example.org')
    await page.getByText('messages passed DMARC. 12 were treated as spam.').waitFor()
    const source = (address) => page.getByRole('row').filter({ hasText: address })
    await source('192.0.2.1').getByText('Passes', { exact: true }).waitFor()
    await source('198.51.100.77').getByText('SPF: none').waitFor()
    await source('Other hosts, combined').getByText('Passes partly').waitFor()
    await source('2001:db8:bad::25').getByText('SPF and DKIM both failed').waitFor()
    await page.getByText('The certificate had expired.').waitFor()
    await page.getByText('Marked as spam: 3').waitFor()
    await look(page, `reports-domain-${size}`)
    if (size === 'desktop') await tabThrough(page, 'reports-domain')

    // What the bars show stands in a table as well.
    await page.getByText('Show as a table').first().click()
    const figures = page.getByRole('table', { name: 'Mail from this domain (DMARC)' })
    assert.equal(await figures.locator('tbody tr').count(), DMARC.days.length)
    assert.deepEqual(await figures.locator('tbody tr').nth(21).locator('td').allInnerTexts(), [DMARC.days[21].passed, DMARC.days[21].failed].map(String))
    await page.getByText('How to read this').click()
    await page.getByText('This match is called alignment.').waitFor()
    await look(page, `reports-domain-open-${size}`, { shown: false })
    await page.getByRole('button', { name: 'Only failures' }).click()
    assert.equal(await page.getByRole('table', { name: 'Sources' }).locator('tbody tr').count(), 3)
    await page.context().close()
  })

test('the sources, as pictured', async () => {
  for (const [size, options] of SEEN) {
    const page = await open(options)
    await visit(page, '/reports/domains/example.org')
    await page.getByRole('heading', { name: 'Sources' }).evaluate((e) => e.scrollIntoView())
    await look(page, `reports-sources-${size}`)
    await page.context().close()
  }
})

for (const [size, viewport] of Object.entries(SIZES))
  test(`a report, all of it, and its end, ${size}`, async () => {
    const asked = []
    const page = await open({ viewport }, asked)
    await visit(page, '/reports/14')
    await page.getByText('p=none; sp=none').waitFor()
    await page.getByText('Two rows beyond the limit').waitFor()
    const rows = page.getByRole('table', { name: 'Mail by source' }).locator('tbody tr')
    assert.equal(await rows.count(), 2)
    await rows.nth(1).getByText('Not aligned').waitFor()
    await rows.nth(1).getByText('pass · lists.example.net').waitFor()
    await look(page, `report-${size}`)
    if (size === 'desktop') await tabThrough(page, 'report')
    await page.getByRole('button', { name: 'Show more' }).click()
    await rows.nth(2).getByText('Quarantined').waitFor()
    assert.ok(asked.includes('GET /reports/14?row=2'))
    assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0)

    await visit(page, '/reports/13')
    await page.getByText('31 times · certificate-expired').waitFor()
    await look(page, `report-tls-${size}`, { shown: false })
    await visit(page, '/reports/11')
    await page.getByText('Our news in March').waitFor()
    await page.getByText('Marked as spam').waitFor()
    await look(page, `report-complaint-${size}`, { shown: false })
    await visit(page, '/reports/10')
    await page.getByText('The report failed SPF and DKIM for its sender').waitFor()
    await look(page, `report-unproven-${size}`, { shown: false })

    await page.getByRole('button', { name: 'Remove report' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove report' }).click()
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor()
    assert.ok(asked.includes('DELETE /reports/10'))
    await page.context().close()
  })

for (const [size, options] of SEEN)
  test(`outgoing reports, ${size}`, async () => {
    const asked = []
    const page = await open(options, asked)
    await visit(page, '/reports')
    await page.getByRole('link', { name: 'Outgoing reports' }).click()
    const row = (text) => page.getByRole('row').filter({ hasText: text })
    await row('great-mail.example').filter({ hasText: 'Collecting' }).waitFor()
    await row('post.example.com').getByText('3 attempts').waitFor()
    await row('elsewhere.example').getByText('does not agree').waitFor()
    await look(page, `reports-out-${size}`)
    if (size === 'desktop') await tabThrough(page, 'reports-out')
    await page.getByRole('button', { name: 'Send all now' }).click()
    await page.getByText('Sending the reports.').waitFor()
    assert.ok(asked.includes('POST /reports/out/send'))
    await page.getByRole('button', { name: 'Send again old@gone.example' }).click()
    await page.getByText('Reports to old@gone.example are sent again').waitFor()
    assert.ok(asked.includes('DELETE /reports/out/suppressed/old%40gone.example'))
    await page.context().close()
  })

test('millions of mails and the longest names keep within the page', async () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(60)}.example.org`
  const big = { ...DMARC, days: DMARC.days.map((d) => ({ ...d, passed: 2_000_000, failed: 15 })) }
  const rows = WHOLES[14].dmarc.map((r) => ({ ...r, spf: [{ domain: long, selector: '', result: 'pass' }], dkim: [{ domain: long, selector: 's1', result: 'fail' }], count: 6_000_015 }))
  for (const viewport of Object.values(SIZES)) {
    const page = await open({ viewport })
    await page.route(/\/api\/reports\/dmarc/, (route) => route.fulfill({ json: big }))
    await page.route(/\/api\/reports\/14/, (route) => route.fulfill({ json: { ...WHOLES[14], dmarc: rows, passed: 6_000_015, messages: 6_000_015 } }))
    await visit(page, '/reports/domains/example.org')
    const label = page.locator('.chart svg text').filter({ hasText: '3,000,000' }).first()
    await label.waitFor()
    assert.ok(await label.evaluate((e) => e.getBoundingClientRect().left >= e.ownerSVGElement.getBoundingClientRect().left))
    await visit(page, '/reports/14')
    await page.getByText('6,000,015').first().waitFor()
    await look(page, 'report-long', { shown: false })
    const card = page.getByRole('table', { name: 'Mail by source' })
    assert.ok(await card.evaluate((e) => e.scrollWidth <= e.parentElement.clientWidth))
    await page.context().close()
  }
})

test('what strangers write into reports is text', async () => {
  const page = await open({ viewport: SIZES.phone })
  const evil = '<img src=x onerror=alert(1)>' + 'x'.repeat(300)
  await page.route('**/api/reports/14', (route) => route.fulfill({
    json: { ...WHOLES[14], organization: evil, contact: evil, remarks: [evil], dmarc: WHOLES[14].dmarc.map((r) => ({ ...r, header_from: evil, reasons: [evil], words: evil })) },
  }))
  await visit(page, '/reports/14')
  await page.getByText('<img src=x').first().waitFor()
  assert.equal(await page.locator('main img').count(), 0)
  await look(page, 'report-evil', { shown: false })
  await page.context().close()
})

test('where no report ever came, the records that ask for them are shown', async (t) => {
  const lacking = await lacks(server.url, '/reports/domains')
  if (lacking) return t.skip(lacking)
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await openTab(browser, server.url, { viewport })
    await logIn(page, OWNER)
    await page.route('**/api/domains/*/doctor', (route) => route.fulfill({ json: DOMAIN }))
    await visit(page, '/reports')
    await page.getByText('There are no reports about example.org in this period.').waitFor()
    await page.locator('.record').getByText('v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org').first().waitFor()
    await page.getByText('No reports found.').waitFor()
    await look(page, `reports-none-${size}`)
    await visit(page, '/reports/domains/example.org')
    await page.getByText('No reports in this period.').first().waitFor()
    await look(page, `reports-domain-none-${size}`, { shown: false })
    await page.context().close()
  }
})

/* RFC 7489 appendix C, as few of it as makes a report. */
const AGGREGATE = `<?xml version="1.0"?>
<feedback><report_metadata><org_name>Post of Elsewhere</org_name><email>dmarc@elsewhere.example</email><report_id>r-1</report_id>
<date_range><begin>${Math.floor(Date.now() / 864e5) * 86400 - 86400}</begin><end>${Math.floor(Date.now() / 864e5) * 86400 - 1}</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.99</source_ip><count>7</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>example.org</header_from></identifiers><auth_results><spf><domain>elsewhere.example</domain><result>pass</result></spf></auth_results></record></feedback>`

test('a report that comes by mail is read, and removed', async (t) => {
  const lacking = await lacks(server.url, '/reports/{id}')
  if (lacking) return t.skip(lacking)
  await sendMail(server.ports.smtp, {
    from: 'dmarc@elsewhere.example', to: 'postmaster@example.org', subject: 'Report Domain: example.org Submitter: elsewhere.example Report-ID: r-1',
    rest: 'MIME-Version: 1.0\r\nContent-Type: application/gzip; name="elsewhere.example!example.org!1!2.xml.gz"\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
      gzipSync(AGGREGATE).toString('base64').replace(/.{76}/g, '$&\r\n') + '\r\n',
  })
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
  await visit(page, '/reports')
  const link = page.getByRole('link', { name: 'Post of Elsewhere' })
  while (await link.count() === 0) {
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.waitForTimeout(200)
  }
  await page.getByRole('row').filter({ has: link }).getByText('Unverified').waitFor() // there is no DNS here
  await link.click()
  const row = page.getByRole('row').filter({ hasText: '192.0.2.99' })
  await row.getByText('Not aligned').first().waitFor()
  await row.getByText('pass · elsewhere.example').waitFor()
  await look(page, 'report-real', { shown: false })
  await page.getByRole('button', { name: 'Remove report' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove report' }).click()
  await page.getByText('No reports found.').waitFor()
  await page.context().close()
})

test('a server that has nothing to report says so, and can be asked to', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
  await visit(page, '/reports/out')
  await page.getByText('No outgoing reports yet.').waitFor()
  await page.getByRole('button', { name: 'Send all now' }).click()
  await page.getByText('Sending the reports.').waitFor()
  await look(page, 'reports-out-none', { shown: false })
  await page.context().close()
})
