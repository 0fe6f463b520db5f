// groups.test.mjs: the page of groups: made, changed, searched and removed, at both widths.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

let server, browser

before(async () => {
  server = await startOwned()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`at ${size} width`, () => {
    let page
    const button = (name) => page.getByRole('button', { name, exact: true })
    const dialog = () => page.getByRole('dialog')
    before(async () => {
      page = await openTab(browser, server.url, { viewport })
      await logIn(page, OWNER)
    })
    after(() => page?.context().close())

    test('a group is made', async () => {
      await visit(page, '/groups')
      await page.getByText('There are no groups yet.').waitFor()
      await look(page, `groups-empty-${size}`)
      await button('Add group').first().click()
      await dialog().getByLabel('Address', { exact: true }).fill('sales@example.org')
      await dialog().getByLabel('Title', { exact: true }).fill('Sales people')
      await dialog().getByLabel('Members', { exact: true }).fill('nobody@example.org')
      await dialog().getByRole('button', { name: 'Add group' }).click()
      await dialog().getByText('there is no account nobody@example.org').waitFor()
      await dialog().getByLabel('Members', { exact: true }).fill(`${OWNER.address}\n`)
      await look(page, `group-add-${size}`, { failures: true })
      await dialog().getByRole('button', { name: 'Add group' }).click()
      await page.getByText('Sales people').waitFor()
      await page.getByText('No one: receives no mail').waitFor()
      await look(page, `groups-${size}`)
    })

    test('it takes mail of its members', async () => {
      await button('Edit sales@example.org').click()
      await dialog().getByLabel('Receive mail').check()
      await dialog().getByLabel('Permitted senders').selectOption('members')
      await look(page, `group-edit-${size}`)
      await dialog().getByRole('button', { name: 'Save' }).click()
      await dialog().waitFor({ state: 'detached' })
      await page.getByText('Members only', { exact: true }).waitFor()
    })

    test('it is found, and removed', async () => {
      await page.getByLabel('Address or title').fill('nothing like it')
      await page.getByText('Sales people').waitFor({ state: 'detached' })
      await page.getByLabel('Address or title').fill('sales')
      await button('Remove sales@example.org').click()
      await dialog().getByRole('button', { name: 'Remove group' }).click()
      await dialog().waitFor({ state: 'detached' })
      await page.getByText('Sales people').waitFor({ state: 'detached' })
    })
  })
}
