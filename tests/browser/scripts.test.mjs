// scripts.test.mjs: the page of Sieve scripts: written, tried, activated and deleted, at both widths.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { sendMail } from './harness/mail.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

const SORT = 'require "fileinto";\nif header :contains "subject" "list" {\n  fileinto "Lists";\n}\n'

let server, browser

before(async () => {
  server = await startOwned()
  browser = await launch()
  await sendMail(server.ports.smtp, { from: 'carol@example.net', to: OWNER.address, subject: 'the list' })
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`at ${size} width`, () => {
    let page
    const button = (name) => page.getByRole('button', { name, exact: true })
    before(async () => {
      page = await openTab(browser, server.url, { viewport })
      await logIn(page, OWNER)
    })
    after(() => page?.context().close())

    test('a script with errors is not stored', async () => {
      await visit(page, '/me/scripts')
      await page.getByText('You have no scripts.').waitFor()
      await look(page, `scripts-empty-${size}`)
      await button('New script').first().click()
      await page.getByLabel('Name', { exact: true }).fill('main')
      await page.getByLabel('Script', { exact: true }).fill('keep;\nfoo;\nbar;\n')
      await button('Save').click()
      await page.getByText('Line 2, column 1: There is no command "foo"').waitFor()
      await page.getByText('Line 3, column 1: There is no command "bar"').waitFor()
      await look(page, `script-errors-${size}`, { failures: true })
    })

    test('it is tried on a message, and saved', async () => {
      await page.getByLabel('Script', { exact: true }).fill(SORT)
      await page.getByLabel('Message', { exact: true }).selectOption({ index: 0 })
      await button('Try it').click()
      await page.getByText('fileinto Lists (line 3)').waitFor()
      await page.getByText('header', { exact: true }).waitFor()
      await look(page, `script-tried-${size}`)
      await page.getByLabel('Message', { exact: true }).selectOption('Paste a message')
      await page.getByLabel('Message with its header').fill('Subject: hello\n\nText\n')
      await button('Try it').click()
      await page.getByText('keep: the message stays in the inbox').waitFor()
      await button('Save').click()
      await page.getByText('Script main saved').waitFor()
      await button('Close').click()
    })

    test('it is activated, turned off and deleted', async () => {
      await button('Activate main').click()
      await page.getByText('Active', { exact: true }).waitFor()
      await look(page, `scripts-${size}`)
      await button('Deactivate main').click()
      await button('Remove main').click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete script' }).click()
      await page.getByText('You have no scripts.').waitFor()
    })
  })
}
