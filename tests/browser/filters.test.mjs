// filters.test.mjs: rules, forwarding, senders and the vacation reply, at both widths; a message
// obeys them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { sendMail } from './harness/mail.mjs'
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
    const button = (name, on = page) => on.getByRole('button', { name, exact: true })
    const dialog = () => page.getByRole('dialog')
    const names = () => page.getByRole('list', { name: 'Rules' }).locator('strong').allTextContents()

    async function addRule(name, value, action, target) {
      await button('New rule').click()
      await dialog().getByLabel('Name', { exact: true }).fill(name)
      await dialog().getByLabel('Part of the message').selectOption('Subject')
      await dialog().getByLabel('Value', { exact: true }).fill(value)
      await dialog().getByLabel('Action', { exact: true }).selectOption(action)
      if (target) await dialog().getByLabel('Mailbox', { exact: true }).fill(target)
      await button('Save', dialog()).click()
      await dialog().waitFor({ state: 'hidden' })
      await page.getByText(name, { exact: true }).first().waitFor()
    }

    before(async () => {
      page = await openTab(browser, server.url, { viewport })
      await logIn(page, OWNER)
      await sendMail(server.ports.smtp, { from: 'carol@example.net', to: OWNER.address, subject: `invoice ${size}` })
    })
    after(() => page?.context().close())

    test('rules are made and put in order', async () => {
      await visit(page, '/me/filters')
      await page.getByText('There are no rules yet.').waitFor()
      await look(page, `filters-empty-${size}`)
      await addRule('Flags', 'urgent', 'Flag')
      await addRule('Invoices', 'invoice', 'Move to', `Invoices ${size}`)
      assert.deepEqual(await names(), ['Flags', 'Invoices'])
      await button('Move up Invoices').press('Enter')
      await page.waitForFunction(() => document.querySelector('.filter-rules strong')?.textContent === 'Invoices')
      await button('Turn off Flags').click()
      await button('Turn on Flags').waitFor()
      await look(page, `filters-${size}`)
      // two changes at once: the second does not undo the first
      await page.evaluate(() => {
        const press = (text) => [...document.querySelectorAll('.filter-rules button')].find((b) => b.textContent === text).click()
        press('Turn off Invoices')
        setTimeout(() => press('Turn on Flags'), 0)
      })
      await button('Turn on Invoices').waitFor()
      await button('Turn off Flags').waitFor()
      await page.reload()
      await button('Turn off Flags').waitFor()
      await button('Turn on Invoices').click()
      await button('Turn off Invoices').waitFor()
      await button('Edit Invoices').click()
      await look(page, `filter-rule-${size}`)
      await button('Cancel', dialog()).click()
    })

    test('they are shown as Sieve', async () => {
      await button('Show as Sieve').click()
      await dialog().getByText(`fileinto :create "Invoices ${size}";`).waitFor()
      await button('Close', dialog()).click()
    })

    test('they are applied to existing mail after a preview', async () => {
      await button('Apply to existing mail').click()
      await button('Preview', dialog()).click()
      await dialog().getByText(`move to Invoices ${size}`).waitFor()
      await look(page, `filters-preview-${size}`)
      await button('Apply', dialog()).click()
      await dialog().getByText(/^1 of \d+ messages were changed\.$/).waitFor()
      await button('Close', dialog()).last().click()
    })

    test('the vacation reply has dates in a time zone', async () => {
      await visit(page, '/me/vacation')
      await page.getByLabel('Send vacation replies').check()
      await page.getByLabel('First moment').fill('2027-07-01T08:00')
      await page.getByLabel('Last moment').fill('2027-12-24T08:00')
      await page.getByLabel('Time zone').fill('Europe/Berlin')
      await page.getByLabel('Text', { exact: true }).fill('I am away.\n.\nBye')
      await button('Save').click()
      await page.getByText('Saved').first().waitFor()
      await look(page, `vacation-${size}`)
      await button('Show as Sieve').click()
      const sieve = await dialog().locator('pre').textContent()
      assert.match(sieve, /"ge" "iso8601" "2027-07-01T06:00:00Z"/)
      assert.match(sieve, /"lt" "iso8601" "2027-12-24T07:00:00Z"/)
      await button('Close', dialog()).click()
      await page.reload()
      assert.equal(await page.getByLabel('First moment').inputValue(), '2027-07-01T08:00')
    })

    test('everything is removed again', async () => {
      await visit(page, '/me/filters')
      for (const name of ['Invoices', 'Flags']) {
        await button(`Remove ${name}`).click()
        await button('Remove rule', dialog()).click()
        await dialog().waitFor({ state: 'hidden' })
      }
      await page.getByText('There are no rules yet.').waitFor()
    })
  })
}
