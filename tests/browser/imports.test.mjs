// imports.test.mjs: mail is brought from another server: seen, begun, watched, run again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { sendMail } from './harness/mail.mjs'
import { NAME, startNames, startOther } from './harness/other.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

const BEN = { address: 'ben@example.org', password: 'meadow-lantern-cobalt-91' }
const LETTERS = 60

let names, other, server, browser, page

before(async () => {
  names = await startNames()
  other = await startOther()
  server = await startOwned({ DNS_SERVERS: names.address })
  for (let i = 0; i < LETTERS; i++)
    await sendMail(other.ports.smtp, { from: 'carl@example.net', to: OWNER.address, subject: `News ${i} ${'x'.repeat(500)}` })
  browser = await launch()
  page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
  assert.equal(await other?.stop(), 0)
  names?.close()
})

const button = (name, on = page) => on.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')
const state = (word, on = page) => on.getByRole('status').getByText(word, { exact: true }).first().waitFor()

async function fillIn(on, password = OWNER.password) {
  await button('New import', on).click()
  await on.getByLabel('IMAP server').fill(NAME)
  await on.getByLabel('User name on that server').fill(OWNER.address)
  await on.getByLabel('Password on that server').fill(password)
  await on.getByText('Connection settings').click()
  await on.getByLabel('Port', { exact: true }).fill(String(other.port))
  await on.getByLabel('CA certificate', { exact: true }).fill(other.pem)
}

test('its mailboxes are seen, and each can go elsewhere', async () => {
  await visit(page, '/me/imports')
  await page.getByText('There are no imports yet.').waitFor()
  await fillIn(page)
  await button('List mailboxes').click()
  const inbox = page.getByLabel('Target of INBOX')
  await inbox.waitFor()
  assert.equal(await inbox.inputValue(), 'INBOX')
  await look(page, 'import-new-desktop')
  await tabThrough(page, 'import-new')
  await inbox.fill('From before')
  await page.getByLabel('Target of Junk').fill('')
})

test('it is under way, and goes on when the page is loaded anew', async () => {
  other.line.bytes_s = 30000
  await button('Start import').click()
  const bar = page.getByRole('progressbar', { name: /^Progress of/ })
  const at = async () => Number(await bar.getAttribute('aria-valuenow'))
  await bar.waitFor()
  while (await at() === 0) await page.waitForTimeout(200)
  const first = await at()
  await state('Running')
  await page.reload()
  await bar.waitFor()
  while (await at() <= first) await page.waitForTimeout(200)
  assert.equal(await page.getByRole('button', { name: 'New import' }).count(), 0)
  other.line.bytes_s = 1000
  await look(page, 'import-running-desktop')
  other.line.bytes_s = Infinity
  await state('Done')
  await page.getByText(`${LETTERS} messages`).waitFor()
})

test('what came of it, at every width and in the dark', async () => {
  for (const [size, viewport] of Object.entries(SIZES)) for (const colorScheme of ['light', 'dark']) {
    const tab = await openTab(browser, server.url, { viewport, colorScheme })
    await logIn(tab, OWNER)
    await visit(tab, '/me/imports')
    await state('Done', tab)
    await tab.locator('summary').first().click()
    await tab.getByText('From before').waitFor()
    await tab.getByText('Skipped').first().waitFor()
    await look(tab, colorScheme === 'dark' ? 'imports-dark' : `imports-${size}`, { shown: colorScheme === 'light' })
    await tab.context().close()
  }
})

test('run again, only what is new comes', async () => {
  await sendMail(other.ports.smtp, { from: 'carl@example.net', to: OWNER.address, subject: 'The latest' })
  await page.getByRole('button', { name: /^Run again/ }).click()
  await dialog().getByLabel('Password on that server').fill(OWNER.password)
  await look(page, 'import-again-desktop')
  await dialog().getByRole('button', { name: 'Run again' }).click()
  await page.getByText('1 message,').waitFor()
  await state('Done')
})

test('it can be cancelled, and forgotten', async () => {
  other.line.bytes_s = 2000
  await page.getByRole('button', { name: /^Run again/ }).click()
  await dialog().getByLabel('Password on that server').fill(OWNER.password)
  await dialog().getByRole('button', { name: 'Run again' }).click()
  await page.getByRole('button', { name: /^Cancel/ }).click()
  await state('Cancelled')
  other.line.bytes_s = Infinity
  await page.getByRole('button', { name: /^Remove/ }).click()
  await dialog().getByRole('button', { name: 'Delete import' }).click()
  await page.getByText('There are no imports yet.').waitFor()
})

test('a wrong password is told in the server’s words', async () => {
  await fillIn(page, 'wrong')
  await button('List mailboxes').click()
  await page.getByRole('alert').getByText('login was refused').waitFor()
  await button('Start import').click()
  await state('Failed')
  await page.getByRole('alert').getByText('login was refused').waitFor()
  await look(page, 'import-failed-desktop', { failures: true })
})

test('an administrator does it for an account; its person may not reach private addresses', async () => {
  await visit(page, '/accounts')
  await button('Add account').click()
  await dialog().getByLabel('Address').fill(BEN.address)
  await dialog().getByLabel('Name').fill('Ben Okafor')
  await dialog().getByLabel('Password').fill(BEN.password)
  await dialog().getByRole('button', { name: 'Add account' }).click()
  await page.getByRole('link', { name: BEN.address }).click()
  await page.getByRole('main').getByRole('link', { name: 'Import mail' }).click()
  await page.getByRole('heading', { name: `Import mail for ${BEN.address}`, level: 1 }).waitFor()
  await fillIn(page)
  await button('Start import').click()
  await state('Done')
  await page.getByText(`${LETTERS + 1} messages`).waitFor()
  await look(page, 'account-imports-desktop')

  const his = await openTab(browser, server.url, { viewport: SIZES.phone })
  await logIn(his, BEN)
  await visit(his, '/me/imports')
  await his.getByText(OWNER.address).first().waitFor()
  await fillIn(his)
  await button('Start import', his).click()
  await his.getByRole('alert').getByText('only an owner').waitFor()
  await his.getByLabel('Port', { exact: true }).fill('993')
  await button('List mailboxes', his).click()
  await his.getByRole('alert').getByText('not on the Internet').waitFor()
  await look(his, 'import-refused-phone', { failures: true })
  await his.context().close()
})
