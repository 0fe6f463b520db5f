// setup.test.mjs: the first run, from the printed link to a message in the new mailbox, with
// every step left and taken up again.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { lacks, startServer } from './harness/server.mjs'

const TOKEN = 'a-token-for-this-test'
const STEPS = ['Names', 'Owner', 'A look around', 'Certificate', 'DNS', 'First message']

let browser

before(async () => { browser = await launch() })
after(() => browser?.close())

const step = (page, n) => page.getByRole('heading', { name: STEPS[n - 1], level: 2, exact: true }).waitFor()

/** The browser is closed and opened again: the server knows where we were. */
async function again(page, server, n) {
  const next = await openTab(browser, `${server.url}/setup#token=${TOKEN}`, { viewport: page.viewportSize() })
  await page.context().close()
  next.server = server.url
  await step(next, n)
  return next
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click()

test('a stranger without the token gets nowhere', async (t) => {
  const server = await startServer({ SETUP_TOKEN: TOKEN })
  const lacking = await lacks(server.url, '/setup/claim')
  if (lacking) {
    await server.stop()
    return t.skip(lacking)
  }
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await page.getByLabel('Setup token').fill('guessed')
  await look(page, 'setup-claim-desktop')
  await press(page, 'Begin')
  await page.getByRole('alert').waitFor()
  await look(page, 'setup-claim-refused', { failures: true })
  await page.context().close()
  assert.equal(await server.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`setup at ${size} width`, () => {
    let server, page
    before(async () => { server = await startServer({ SETUP_TOKEN: TOKEN }) })
    after(async () => {
      await page?.context().close()
      assert.equal(await server?.stop(), 0)
    })

    test('six steps', async (t) => {
      const lacking = await lacks(server.url, '/setup', '/setup/finish')
      if (lacking) return t.skip(lacking)
      page = await openTab(browser, `${server.url}/setup#token=${TOKEN}`, { viewport })
      await step(page, 1)
      await page.getByLabel('First mail domain').fill('example.org')
      await page.getByLabel('Host name of this server').fill('mail.example.org')
      await press(page, 'Check the names')
      await page.getByRole('button', { name: 'Go on' }).waitFor({ timeout: 60000 })
      await look(page, `setup-1-${size}`)
      await press(page, 'Go on')

      await step(page, 2)
      page = await again(page, server, 2)
      await page.getByLabel('Name').fill('Anna Lindqvist')
      await page.getByLabel('Password').fill('quiet-river-under-maple')
      await look(page, `setup-2-${size}`)
      await press(page, 'Go on')

      await step(page, 3)
      page = await again(page, server, 3)
      await page.locator('.checks').waitFor({ timeout: 90000 })
      await look(page, `setup-3-${size}`)
      await press(page, 'Go on')

      await step(page, 4)
      page = await again(page, server, 4)
      await page.getByLabel('Self-signed for now').check()
      await look(page, `setup-4-${size}`)
      await press(page, 'Go on')

      await step(page, 5)
      page = await again(page, server, 5)
      await page.locator('.records').waitFor({ timeout: 60000 })
      await look(page, `setup-5-${size}`)
      await press(page, 'Go on')

      await step(page, 6)
      // Looking at records changes nothing, so the server still knows of step 5.
      page = await again(page, server, 5)
      await press(page, 'Go on')
      await step(page, 6)
      await page.getByLabel('Send a test message to').fill('admin@example.org')
      await press(page, 'Send')
      await page.getByText('is on its way').waitFor()
      await look(page, `setup-6-${size}`)
      await press(page, 'Open the console')
      await page.locator('.console').waitFor()
    })

    test('the message has arrived, and the setup is closed', async (t) => {
      const lacking = await lacks(server.url, '/setup', '/setup/finish')
      if (lacking) return t.skip(lacking)
      await visit(page, '/accounts')
      await page.getByRole('row', { name: /admin@example\.org/ }).waitFor()
      const mailbox = await page.evaluate(async () => (await fetch('/api/accounts/admin%40example.org')).json())
      assert.equal(mailbox.messages, 1)
      assert.equal((await fetch(`${server.url}/api/setup`)).status, 404)
    })
  })
}
