// setup.test.mjs: the first run, from the printed link to a message in the new mailbox, with
// every step left and taken up again.
// Slow: the whole setup is gone through at each width.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { launch, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { refusingAuthority } from './harness/authority.mjs'
import { Person } from './harness/person.mjs'
import { makePem } from './harness/pem.mjs'
import { lacks, startServer } from './harness/server.mjs'

const TOKEN = 'a-token-for-this-test'
const STEPS = ['Names', 'Owner', 'Network checks', 'Certificate', 'DNS', 'Test message']

let browser

before(async () => { browser = await launch() })
after(() => browser?.close())

/** A mail server that greets and takes a session, no more. */
async function startRelay() {
  const relay = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('220 relay.example.net ESMTP\r\n')
    socket.on('data', (d) => socket.write(/^QUIT/i.test(d.toString()) ? '221 bye\r\n' : '250 relay.example.net\r\n'))
  })
  await new Promise((done) => relay.listen(0, '127.0.0.1', done))
  return { port: relay.address().port, close: () => relay.close() }
}

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
  await press(page, 'Start')
  await page.getByRole('alert').waitFor()
  await look(page, 'setup-claim-refused', { failures: true })
  // The link pasted into the tab that shows the page already: only the fragment changes.
  await page.evaluate((token) => { location.hash = `token=${token}` }, TOKEN)
  await step(page, 1)
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
      await press(page, 'Check names')
      await page.getByRole('button', { name: 'Continue' }).waitFor({ timeout: 60000 })
      await look(page, `setup-1-${size}`)
      await press(page, 'Continue')

      await step(page, 2)
      page = await again(page, server, 2)
      await page.getByLabel('Name').fill('Anna Lindqvist')
      await page.getByLabel('Password').fill('quiet-river-under-maple')
      await look(page, `setup-2-${size}`)
      await press(page, 'Continue')

      await step(page, 3)
      page = await again(page, server, 3)
      await page.locator('.checks').waitFor({ timeout: 90000 })
      await look(page, `setup-3-${size}`)
      await press(page, 'Continue')

      await step(page, 4)
      page = await again(page, server, 4)
      await page.getByLabel('Self-signed for now').check()
      await look(page, `setup-4-${size}`)
      await press(page, 'Continue')

      await step(page, 5)
      page = await again(page, server, 5)
      await page.locator('.records').waitFor({ timeout: 60000 })
      await look(page, `setup-5-${size}`)
      await press(page, 'Continue')

      await step(page, 6)
      // Looking at records changes nothing, so the server still knows of step 5.
      page = await again(page, server, 5)
      await press(page, 'Continue')
      await step(page, 6)
      await page.getByLabel('Send a test message to').fill('admin@example.org')
      await press(page, 'Send')
      await page.locator('.checks').getByText('lies in the mailbox').waitFor()
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

/** Goes to a step whose predecessors the API has done. */
async function reach(server, n) {
  const calls = [
    ['host', { hostname: 'mail.example.org', domain: 'example.org' }],
    ['owner', { address: 'admin@example.org', name: 'Anna', password: 'quiet-river-under-maple' }],
    ['delivery', { mode: 'direct' }],
    ['certificate', { mode: 'self' }],
  ]
  for (const [path, body] of calls.slice(0, n - 1)) {
    const answer = await fetch(`${server.url}/api/setup/${path}`, {
      method: 'PUT', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-Setup-Token': TOKEN },
    })
    assert.equal(answer.status, 200, path)
  }
  const page = await openTab(browser, `${server.url}/setup#token=${TOKEN}`, { viewport: SIZES.desktop })
  await step(page, n)
  return page
}

async function withServer(settings, work) {
  const server = await startServer({ SETUP_TOKEN: TOKEN, ...settings })
  try {
    await work(server)
  } finally {
    assert.equal(await server.stop(), 0)
  }
}

test('from the link to the first delivered message in under two minutes of a person\'s time', async (t) => {
  await withServer({}, async (server) => {
    const page = await openTab(browser, `${server.url}/setup#token=${TOKEN}`, { viewport: SIZES.desktop })
    const person = new Person(page)
    await person.wait(page.getByRole('heading', { name: STEPS[0], level: 2 }))
    await person.type('First mail domain', 'example.org')
    await person.type('Host name of this server', 'mail.example.org')
    await person.press('Check names')
    await person.wait(page.getByRole('button', { name: 'Continue' }))
    await person.press('Continue')
    await step(page, 2)
    await person.type('Name', 'Anna Lindqvist')
    await person.type('Password', 'quiet-river-under-maple')
    await person.press('Continue')
    await step(page, 3)
    await person.wait(page.locator('.checks'))
    await person.press('Continue')
    await step(page, 4)
    await person.check('Self-signed for now')
    await person.press('Continue')
    await step(page, 5)
    await person.wait(page.locator('.records'))
    await person.press('Continue')
    await step(page, 6)
    await person.press('Send')
    await person.wait(page.locator('.checks').getByText('lies in the mailbox'))
    await person.read()
    t.diagnostic(person.summary())
    assert.ok(person.seconds < 120, person.summary())
    assert.ok(person.thoroughSeconds < 300, person.summary())
    await page.context().close()
  })
})

test('an authority that refuses is quoted, and holds nothing up', async () => {
  const authority = await refusingAuthority('no account for you: this name is on a list')
  try {
    await withServer({ ACME_DIRECTORY: authority.directory, ACME_CA: authority.ca }, async (server) => {
      const page = await reach(server, 4)
      await page.getByLabel('Automatic').check()
      await page.getByLabel('I accept the terms of the certificate authority').check()
      await press(page, 'Continue')
      await page.locator('.checks').getByText('this name is on a list').waitFor({ timeout: 60000 })
      await look(page, 'setup-4-refused')
      await page.getByRole('button', { name: 'Try again' }).waitFor()
      await press(page, 'Continue')
      await step(page, 5)
      await page.context().close()
    })
  } finally {
    authority.close()
  }
})

for (const [size, viewport] of Object.entries(SIZES))
  test(`which challenge can work, and one by DNS records, at ${size} width`, async () => {
    const authority = await refusingAuthority('no record was seen')
    try {
      await withServer({ ACME_DIRECTORY: authority.directory, ACME_CA: authority.ca }, async (server) => {
        const page = await reach(server, 4)
        await page.setViewportSize(viewport)
        await page.locator('.checks').getByText('dns-01, by a record').waitFor({ timeout: 60000 })
        await page.getByLabel('Challenge').selectOption('dns-01')
        await look(page, `setup-4-acme-${size}`)
        await page.getByLabel('I accept the terms of the certificate authority').check()
        await page.getByLabel('Name server for dynamic updates').fill('127.0.0.1:1')
        await page.getByLabel('TSIG key name').fill('roost.example.org')
        await page.getByLabel('TSIG key secret').fill('c2VjcmV0')
        await press(page, 'Continue')
        await page.locator('.checks').getByText('no record was seen').waitFor({ timeout: 60000 })
        assert.equal(server.command('settings', 'get', 'DNS_UPDATE_SERVER').stdout.trim(), '127.0.0.1:1')
        await page.context().close()
      })
    } finally {
      authority.close()
    }
  })

test('a challenge chosen at the moment the checks arrive is kept', async () => {
  await withServer({}, async (server) => {
    const page = await reach(server, 4)
    let release
    const held = new Promise((done) => { release = done })
    await page.route('**/api/setup/challenges', async (route) => {
      await held
      await route.continue()
    })
    await page.getByRole('button', { name: 'Network checks' }).click()
    await step(page, 3)
    await page.getByRole('button', { name: 'Certificate' }).click()
    await step(page, 4)
    await page.getByLabel('Automatic').check()
    const challenge = page.getByLabel('Challenge')
    await challenge.evaluate((select) => { // it changes when the page has drawn the answer, before its effects run
      const drawn = new MutationObserver(() => {
        drawn.disconnect()
        select.value = 'dns-01'
        select.dispatchEvent(new Event('change', { bubbles: true }))
      })
      drawn.observe(select.closest('.indented'), { subtree: true, childList: true })
    })
    release()
    await page.locator('.checks').getByText('dns-01, by a record').waitFor({ timeout: 60000 })
    await page.getByLabel('TSIG key name').waitFor()
    assert.equal(await challenge.inputValue(), 'dns-01')
    await page.context().close()
  })
})

test('dns-01 by an interface that sets records needs no name server', async () => {
  const authority = await refusingAuthority('the interface was not asked')
  try {
    await withServer({ ACME_DIRECTORY: authority.directory, ACME_CA: authority.ca }, async (server) => {
      const page = await reach(server, 4)
      await page.getByLabel('Challenge').selectOption('dns-01')
      await page.getByLabel('I accept the terms of the certificate authority').check()
      const hook = page.getByLabel('Or: URL of an HTTP hook that sets records')
      await press(page, 'Continue') // neither of both: the browser asks for one
      assert.equal(await page.getByLabel('Name server for dynamic updates').evaluate((e) => e.validity.valueMissing), true)
      await hook.fill('ftp://dns.internal/acme')
      await press(page, 'Continue')
      await page.getByRole('alert').waitFor()
      await look(page, 'setup-4-hook', { failures: true })
      await hook.fill('http://127.0.0.1:1/acme')
      await press(page, 'Continue')
      await page.locator('.checks').getByText('the interface was not asked').waitFor({ timeout: 60000 })
      assert.equal(server.command('settings', 'get', 'DNS_UPDATE_HOOK').stdout.trim(), 'http://127.0.0.1:1/acme')
      await page.context().close()
    })
  } finally {
    authority.close()
  }
})

test('a certificate of one\'s own, from files or pasted, is shown at once', async () => {
  const mine = makePem('mail.example.org'), other = makePem('other.example.org')
  await withServer({}, async (server) => {
    const page = await reach(server, 4)
    await page.getByLabel('Upload a certificate').check()
    await page.getByLabel('PEM files', { exact: true }).setInputFiles(
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('nothing of use') })
    await page.getByText('neither a certificate nor a private key').waitFor()
    // One file that has both.
    await page.getByLabel('PEM files', { exact: true }).setInputFiles(
      { name: 'all.pem', mimeType: 'text/plain', buffer: Buffer.from(other.key + other.chain) })
    await press(page, 'Continue')
    await page.getByRole('alert').getByText('other.example.org').waitFor()
    await look(page, 'setup-4-own', { failures: true })
    await page.getByLabel('Certificate chain').fill(mine.chain)
    await page.getByLabel('Private key').fill(mine.key)
    await press(page, 'Continue')
    await step(page, 5)
    await page.getByRole('button', { name: 'Certificate' }).click() // back: nothing of it is shown again
    await step(page, 4)
    assert.equal(await page.getByLabel('Private key').inputValue(), '')
    await page.context().close()
  })
})

test('a step that is opened again shows what is set', async () => {
  const relay = await startRelay()
  try {
    await withServer({}, async (server) => {
      const page = await reach(server, 3)
      await page.locator('.checks').waitFor({ timeout: 90000 })
      await page.getByLabel('Through a smarthost').check()
      await page.getByLabel('Server', { exact: true }).fill('127.0.0.1')
      await page.getByLabel('Port', { exact: true }).fill(String(relay.port))
      await press(page, 'Test login and continue')
      await step(page, 4)
      await page.getByRole('button', { name: STEPS[2] }).click()
      await step(page, 3)
      await page.getByLabel('Through a smarthost').and(page.locator(':checked')).waitFor()
      assert.equal(await page.getByLabel('Server', { exact: true }).inputValue(), '127.0.0.1')
      assert.equal(await page.getByLabel('Port', { exact: true }).inputValue(), String(relay.port))
      await press(page, 'Test login and continue')
      await step(page, 4)
      await page.getByRole('button', { name: STEPS[1] }).click()
      await step(page, 2)
      await page.getByText('A password is set.').waitFor()
      await press(page, 'Continue') // without a password: it stays
      await step(page, 3)
      await page.context().close()
    })
  } finally {
    relay.close()
  }
})

test('where port 25 is closed another server is proposed', async () => {
  await withServer({}, async (server) => {
    const page = await openTab(browser, `${server.url}/setup#token=${TOKEN}`, { viewport: SIZES.desktop })
    await step(page, 1)
    await page.route('**/api/setup/look-around', (route) => route.fulfill({ json: {
      checks: [{ id: 'port25', title: 'Port 25', state: 'fail', seen: '', expected: '', advice: 'closed' }] } }))
    await page.getByLabel('First mail domain').fill('example.org')
    await page.getByLabel('Host name of this server').fill('mail.example.org')
    await press(page, 'Check names')
    await page.getByRole('button', { name: 'Continue' }).waitFor({ timeout: 60000 })
    await press(page, 'Continue')
    await page.getByLabel('Password').fill('quiet-river-under-maple')
    await press(page, 'Continue')
    await step(page, 3)
    await page.getByLabel('Through a smarthost').and(page.locator(':checked')).waitFor()
    await page.route('**/api/setup/challenges', (route) => route.fulfill({ json: { checks: [
      { id: 'http-01', title: 'http-01', state: 'fail', seen: '', expected: '', advice: '' },
      { id: 'tls-alpn-01', title: 'tls-alpn-01', state: 'fail', seen: '', expected: '', advice: '' },
      { id: 'dns-01', title: 'dns-01', state: 'unknown', seen: '', expected: '', advice: '' }] } }))
    await page.getByLabel('Directly').check()
    await press(page, 'Continue')
    await step(page, 4)
    await page.getByLabel('Name server for dynamic updates').waitFor() // of dns-01, the only one that can work
    await page.context().close()
  })
})

test('a test message that cannot be brought is told as such', async () => {
  await withServer({}, async (server) => {
    const page = await reach(server, 5)
    await press(page, 'Continue')
    await step(page, 6)
    await page.getByLabel('Send a test message to').fill('nobody@example.org')
    await press(page, 'Send')
    await page.locator('.checks').getByText('user unknown').waitFor()
    await look(page, 'setup-6-refused')
    await page.context().close()
  })
})
