// domain_admin.test.mjs: the console of who administers a domain: his domain's figures, and none
// of the server's own matters.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES } from './harness/browser.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

const ADMIN = { address: 'rosa@example.org', name: 'Rosa', password: 'lantern-over-the-quay', role: 'admin', domains: ['example.org'] }

let server, browser

before(async () => {
  server = await startOwned()
  browser = await launch()
  const page = await openTab(browser, server.url)
  await logIn(page, OWNER)
  const status = await page.evaluate(async (admin) => {
    const { csrf } = await (await fetch('/api/session')).json()
    return (await fetch('/api/accounts', {
      method: 'POST', body: JSON.stringify(admin), headers: { 'Content-Type': 'application/json', 'X-CSRF': csrf },
    })).status
  }, ADMIN)
  assert.equal(status, 201)
  await page.context().close()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES))
  test(`a domain administrator's overview at ${size} width`, async () => {
    const page = await openTab(browser, server.url, { viewport })
    await logIn(page, ADMIN)
    await page.locator('.figures').waitFor()
    // The server's certificate is self-signed: that is the owner's to mend.
    await page.getByText('No problems found.').waitFor()
    for (const name of ['Settings', 'Certificates', 'Backup', 'Audit log'])
      assert.equal(await page.locator('nav').getByText(name, { exact: true }).count(), 0, name)
    assert.ok(await page.locator('nav').getByText('Accounts', { exact: true }).count() > 0)
    await look(page, `overview-domain-admin-${size}`)
    await page.context().close()
  })
