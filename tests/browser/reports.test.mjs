// reports.test.mjs: the reports that this server sends to other domains.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { OUT } from './harness/reports_found.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

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

/** A tab whose reports are those of reports_found.mjs; asked gets what is asked of the API. */
async function open(options, asked) {
  const page = await openTab(browser, server.url, options)
  await logIn(page, OWNER)
  await page.route('**/api/reports/**', (route) => {
    asked.push(`${route.request().method()} ${new URL(route.request().url()).pathname.slice(4)}`)
    return route.request().method() === 'GET' ? route.fulfill({ json: { items: OUT, next: null } }) : route.fulfill({ status: 204 })
  })
  return page
}

for (const [size, options] of SEEN)
  test(`reports to others, ${size}`, async () => {
    const asked = []
    const page = await open(options, asked)
    await visit(page, '/reports/out')
    const row = (text) => page.getByRole('row').filter({ hasText: text })
    await row('great-mail.example').filter({ hasText: 'Being counted' }).waitFor()
    await row('post.example.com').getByText('tried 3 times').waitFor()
    await row('elsewhere.example').getByText('does not agree').waitFor()
    await look(page, `reports-out-${size}`)
    if (size === 'desktop') await tabThrough(page, 'reports-out')
    await page.getByRole('button', { name: 'Send all now' }).click()
    await page.getByText('They are on their way').waitFor()
    assert.ok(asked.includes('POST /reports/out/send'))
    await page.context().close()
  })

test('a server that has nothing to report says so, and can be asked to', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
  await visit(page, '/reports/out')
  await page.getByText('No domain that asked for reports has been heard of yet.').waitFor()
  await page.getByRole('button', { name: 'Send all now' }).click()
  await page.getByText('They are on their way').waitFor()
  await look(page, 'reports-out-none', { shown: false })
  await page.context().close()
})
