// deeds.test.mjs: what people do in the console, done through its pages and seen afterwards.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { sendMail } from './harness/mail.mjs'
import { lacks, OWNER, startOwned } from './harness/server.mjs'

let server, browser, page

before(async () => {
  server = await startOwned()
  browser = await launch()
  page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

const button = (name) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')

test('an account is made, changed, used and removed', async () => {
  await visit(page, '/accounts')
  await button('Add an account').click()
  await dialog().getByLabel('Address').fill('ben@example.org')
  await dialog().getByLabel('Name').fill('Ben Okafor')
  await dialog().getByRole('button', { name: 'Suggest one' }).click()
  const password = await dialog().getByLabel('Password').inputValue()
  assert.match(password, /^(\w{5}-){3}\w{5}$/)
  await look(page, 'account-add-desktop')
  await dialog().getByRole('button', { name: 'Add an account' }).click()
  await page.getByRole('link', { name: 'ben@example.org' }).click()
  await page.getByLabel('Space in GB').fill('2')
  await button('Save').click()
  await page.getByText('Saved').waitFor()

  const his = await openTab(browser, server.url, { viewport: SIZES.phone })
  await logIn(his, { address: 'ben@example.org', password })
  await his.getByRole('heading', { name: 'My account', level: 1 }).waitFor()
  await look(his, 'user-me-phone')
  await visit(his, '/settings')
  await his.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await his.context().close()

  await button('Remove account').click()
  await dialog().getByRole('button', { name: 'Remove account' }).click()
  await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'ben@example.org' }).waitFor({ state: 'detached' })
})

test('the last owner stays', async () => {
  await visit(page, '/accounts/anna%40example.org')
  await button('Remove account').click()
  await dialog().getByRole('button', { name: 'Remove account' }).click()
  await dialog().getByRole('alert').waitFor()
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'detached' })
})

test('an alias is made and removed', async () => {
  await visit(page, '/aliases')
  await button('Add an alias').first().click()
  await dialog().getByLabel('Address').fill('office@example.org')
  await dialog().getByLabel('Leads to').fill('anna@example.org')
  await dialog().getByRole('button', { name: 'Add an alias' }).click()
  await page.getByRole('cell', { name: 'office@example.org', exact: true }).waitFor()
  await button('Remove office@example.org').click()
  await dialog().getByRole('button', { name: 'Remove alias' }).click()
  await page.getByText('There is no alias yet.').waitFor()
})

test('a setting is changed, refused and put back', async (t) => {
  const lacking = await lacks(server.url, '/settings')
  if (lacking) return t.skip(lacking)
  await visit(page, '/settings')
  await page.getByLabel('Search in names').fill('MESSAGE_SIZE')
  await button('Edit MESSAGE_SIZE').click()
  await dialog().getByLabel('Value').fill('much')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().getByRole('alert').waitFor()
  await dialog().getByLabel('Value').fill('80M')
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('set here').waitFor()
  await button('Back to default MESSAGE_SIZE').click()
  await page.getByText('set here').waitFor({ state: 'detached' })
})

test('a setting that could lock everybody out is on trial until it is confirmed', async (t) => {
  const lacking = await lacks(server.url, '/settings/trial')
  if (lacking) return t.skip(lacking)
  const shown = page.locator('.setting', { has: page.getByRole('heading', { name: 'TRUSTED_PROXIES' }) }).locator('.setting-value code')
  async function change(value) {
    await button('Edit TRUSTED_PROXIES').click()
    await dialog().getByLabel('Value').fill(value)
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().waitFor({ state: 'detached' })
    await page.getByText('On trial').waitFor()
  }
  await visit(page, '/settings?q=TRUSTED')
  await page.waitForFunction(() => document.querySelector('input[type=search]').value === 'TRUSTED')
  await change('192.0.2.0/24')
  await look(page, 'settings-trial-desktop')
  await button('All is well, keep it').click()
  await page.getByText('On trial').waitFor({ state: 'detached' })
  await change('198.51.100.0/24')
  await visit(page, '/accounts') // it is above every page
  await page.getByText('On trial').waitFor()
  await button('Undo now').click()
  await page.getByText('On trial').waitFor({ state: 'detached' })
  await visit(page, '/settings?q=TRUSTED')
  assert.equal(await shown.innerText(), '192.0.2.0/24')
})

test('settings are found by what they say, and by being set', async () => {
  await visit(page, '/settings?q=largest%20message')
  await page.getByRole('heading', { name: 'MESSAGE_SIZE' }).waitFor()
  assert.equal(await page.locator('.setting').count(), 1)
  await visit(page, '/settings')
  await button('Only what is not default').click()
  await page.getByRole('heading', { name: 'HOSTNAME' }).waitFor()
  await page.getByRole('heading', { name: 'MESSAGE_SIZE' }).waitFor({ state: 'detached' })
  assert.equal(await page.locator('.setting', { hasText: 'QUEUE_RETRY' }).count(), 0)
  assert.match(page.url(), /changed=1$/)
  await visit(page, '/audit?q=setting')
  await page.getByText('80M').first().waitFor()
})

test('records of a domain are copied, kept as a file, and come in strings where they are long', async () => {
  const long = 'v=DKIM1; k=rsa; p=' + 'A'.repeat(392)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.route('**/api/domains/*/dns*', async (route) => {
    const answer = await route.fetch()
    const report = await answer.json()
    const txt = report.records.find((r) => r.type === 'TXT')
    report.records.push({ ...txt, name: 'roost._domainkey.example.org', expected: long })
    await route.fulfill({ response: answer, json: report })
  })
  await visit(page, '/domains/example.org')
  const record = page.locator('.record').filter({ hasText: 'roost._domainkey' })
  await record.getByRole('button', { name: 'Copy TXT' }).click()
  await record.getByText('Copied').first().waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), long)
  await record.locator('summary').click()
  const parts = await record.locator('details code').innerText()
  assert.deepEqual(parts.match(/"[^"]*"/g).map((s) => s.length - 2), [255, long.length - 255])
  await record.getByRole('button', { name: 'Copy the name' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'roost._domainkey.example.org')
  await look(page, 'domain-long-desktop', { shown: false })

  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Zone file' }).click()
  const zone = await coming
  assert.equal(zone.suggestedFilename(), 'example.org.zone')
  assert.match(await (await zone.createReadStream()).setEncoding('utf8').reduce((a, b) => a + b, ''), /\sMX\s/)
  const again = page.waitForRequest(/fresh=1/)
  await button('Check again').click()
  await again
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('keys of a domain are made, used, retired and removed', async () => {
  await visit(page, '/domains/example.org')
  const keys = page.getByRole('table', { name: 'Keys that sign mail' })
  const first = (await keys.locator('tbody strong').allInnerTexts())[0]
  await button('Make new keys').click()
  await keys.getByRole('button', { name: 'Use it' }).first().waitFor()
  const fresh = (await keys.locator('tr', { hasText: 'To be published' }).first().locator('strong').innerText())
  await button(`Use it ${fresh}`).click()
  await button(`Retire ${fresh}`).waitFor()
  if (first) {
    await button(`Retire ${first}`).click()
    await button(`Remove ${first}`).click()
    await button(`Remove ${first}`).waitFor({ state: 'detached' })
  }
})

test('what takes longer than half a second says so', async () => {
  await page.route('**/api/traces?q=slow', async (route) => {
    await new Promise((done) => setTimeout(done, 1500))
    await route.continue()
  })
  await visit(page, '/traces')
  await page.getByText('No message has come yet.').waitFor()
  await page.getByLabel('Address, message-id').fill('slow')
  await page.getByRole('progressbar').waitFor()
  await page.getByText('No message fits.').waitFor()
  await page.getByRole('progressbar').waitFor({ state: 'detached' })
})

test('a message is found by address, by message-id and by time', async () => {
  await sendMail(server.ports.smtp, { from: 'trace@example.net', to: OWNER.address, subject: 'Found' })
  const field = (name) => page.getByLabel(name)
  const hit = page.getByRole('link', { name: 'anna@example.org' })
  await visit(page, '/traces')
  await field('Address, message-id').fill('trace@example.net')
  await page.waitForURL(/q=trace/)
  await hit.click()
  await page.getByText('Came in').waitFor()
  const id = await page.locator('.facts code').innerText()
  await page.goBack()
  assert.equal(await field('Address, message-id').inputValue(), 'trace@example.net')
  await field('Address, message-id').fill(id)
  await hit.waitFor()
  await field('and before').fill('2020-01-01T00:00')
  await page.getByText('No message fits.').waitFor()
  await field('and before').fill('')
  await field('Came after').fill('2020-01-01T00:00')
  await hit.click()
  await page.locator('.facts').getByRole('link').click()
  await page.getByRole('heading', { name: 'Event log', level: 1 }).waitFor()
  await page.locator('.event').filter({ hasText: 'trace@example.net' }).first().waitFor()
  const session = new URL(page.url()).searchParams.get('session')
  for (const shown of await page.locator('.event-session').allInnerTexts()) assert.equal(shown, session)
})

test('a long list comes in parts', async () => {
  for (let i = 0; i < 55; i++)
    await sendMail(server.ports.smtp, { from: 'many@example.net', to: OWNER.address, subject: `Part ${i}` })
  await visit(page, '/traces?q=many%40example.net')
  const rows = page.getByRole('table').getByRole('link')
  await button('Show more').waitFor()
  assert.equal(await rows.count(), 50)
  await button('Show more').click()
  await button('Show more').waitFor({ state: 'detached' })
  assert.equal(await rows.count(), 55)
})

test('a message is held, let go and dropped', async () => {
  await sendMail(server.ports.submission, { from: OWNER.address, to: 'carl@example.net', subject: 'Held', login: OWNER })
  await visit(page, '/queue')
  await page.getByLabel('Search for an address').fill('nobody-like-this')
  await page.getByText('Nothing in the queue fits.').waitFor()
  await page.getByLabel('Search for an address').fill('carl')
  await page.getByRole('link', { name: 'carl@example.net' }).click()
  await page.getByText('Subject: Held').waitFor()
  await button('Try now').click()
  await page.getByRole('row', { name: 'carl@example.net 2' }).waitFor() // the second attempt
  await visit(page, '/queue')
  await button('Try all of these now').click()
  await page.getByText('They are being tried').waitFor()
  await page.getByRole('link', { name: 'carl@example.net' }).click()
  await page.getByRole('row', { name: 'carl@example.net 3' }).waitFor()
  await page.getByRole('link', { name: 'What has happened' }).click()
  await page.getByRole('link', { name: 'carl@example.net' }).waitFor()
  await page.goBack()
  await button('Hold').click()
  await button('Let go').click()
  await button('Hold').waitFor()
  await button('Drop').click()
  await dialog().getByLabel('Tell the sender').uncheck()
  await dialog().getByRole('button', { name: 'Drop' }).click()
  await page.getByText('Nothing waits').waitFor()
})

test('the log follows what happens', async () => {
  await visit(page, '/events')
  await page.getByLabel('Address').waitFor()
  await sendMail(server.ports.smtp, { from: 'carl@example.net', to: OWNER.address, subject: 'Live' })
  await page.locator('.event').filter({ hasText: 'carl@example.net' }).or(page.locator('.event').filter({ hasText: 'delivered' })).first().waitFor()
  await button('Pause').click()
  await button('Go on').waitFor()
})

test('a token and an app password are shown once', async () => {
  await visit(page, '/tokens')
  await button('Make a token').first().click()
  await dialog().getByLabel('Label').fill('Monitoring')
  await dialog().getByRole('button', { name: 'Make a token' }).click()
  const token = await dialog().locator('code').innerText()
  const answer = await fetch(`${server.url}/api/overview`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(answer.status, 200)
  await page.keyboard.press('Escape')
  await button('Remove Monitoring').click()
  await dialog().getByRole('button', { name: 'Remove token' }).click()
  await page.getByText('There is no token.').waitFor()
  const late = await fetch(`${server.url}/api/overview`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal(late.status, 401)
  await visit(page, '/me/app-passwords')
  await button('Make an app password').first().click()
  await dialog().getByLabel('Label').fill('Phone')
  await dialog().getByRole('button', { name: 'Make an app password' }).click()
  const password = await dialog().locator('code').innerText()
  await page.keyboard.press('Escape')
  await sendMail(server.ports.submission, {
    from: OWNER.address, to: OWNER.address, subject: 'x', login: { ...OWNER, password },
  })
})

/** RFC 6238 with SHA-1, 30 seconds, six digits. */
function totp(secret, now = Date.now()) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

test('two-factor login is turned on, asked for, and turned off', async () => {
  await visit(page, '/me/two-factor')
  await button('Set up two-factor login').click()
  const secret = await page.locator('.copy-box code').innerText()
  await page.getByAltText('QR code with the key').waitFor()
  await look(page, 'two-factor-scan-desktop')
  await page.getByLabel('Code').fill(totp(secret))
  await button('Turn on').click()
  await page.getByText('Recovery codes').first().waitFor()
  const recovery = await page.locator('.codes code').first().innerText()

  const other = await openTab(browser, server.url, { viewport: SIZES.phone })
  await other.getByLabel('Address').fill(OWNER.address)
  await other.getByLabel('Password').fill(OWNER.password)
  await other.getByRole('button', { name: 'Log in', exact: true }).click()
  await other.getByLabel('Code').waitFor()
  await look(other, 'login-code-phone')
  await other.getByLabel('Code').fill(recovery)
  await other.getByRole('button', { name: 'Log in', exact: true }).click()
  await other.locator('.console').waitFor()
  await other.context().close()

  await visit(page, '/me')
  await page.getByRole('heading', { name: 'My account', level: 1 }).waitFor()
  await visit(page, '/me/two-factor')
  await page.getByText('9 recovery codes are left.').waitFor()
  await look(page, 'two-factor-on-desktop')
  await visit(page, '/accounts/anna%40example.org')
  await page.getByText('On, 9 recovery codes left').waitFor()
  await visit(page, '/me/two-factor')
  await page.getByLabel('Password').fill(OWNER.password)
  await button('Turn off').click()
  await button('Set up two-factor login').waitFor()
})

test('who has lost the device is helped by an administrator', async () => {
  await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/session')).json()
    await fetch('/api/accounts', {
      method: 'POST', headers: { 'X-CSRF': csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify({ address: 'ben@example.org', password: 'meadow-lantern-cobalt-91' }),
    })
  })
  const ben = { address: 'ben@example.org', password: 'meadow-lantern-cobalt-91' }
  const his = await openTab(browser, server.url, { viewport: SIZES.phone })
  await logIn(his, ben)
  await visit(his, '/me/two-factor')
  await his.getByRole('button', { name: 'Set up two-factor login' }).click()
  await his.getByLabel('Code').fill(totp(await his.locator('.copy-box code').innerText()))
  await his.getByRole('button', { name: 'Turn on' }).click()
  await his.getByText('Recovery codes').first().waitFor()
  await visit(his, '/me/app-passwords')
  await his.getByRole('button', { name: 'Make an app password' }).first().click()
  await his.getByRole('dialog').getByLabel('Label').fill('Lost phone')
  await his.getByRole('dialog').getByRole('button', { name: 'Make an app password' }).click()
  const lost = await his.getByRole('dialog').locator('code').innerText()
  await his.context().close()

  const logins = () => page.evaluate(async () => (await fetch('/api/accounts/ben%40example.org/logins')).json())
  while ((await logins()).items.length === 0) await page.waitForTimeout(200) // they are written a moment later
  await visit(page, '/accounts/ben%40example.org')
  await page.getByRole('cell', { name: 'Let in' }).waitFor()
  await look(page, 'account-factor-desktop')
  await button('Remove Lost phone').click()
  await dialog().getByRole('button', { name: 'Remove app password' }).click()
  await page.getByText('There is no app password.').waitFor()
  await assert.rejects(sendMail(server.ports.submission, {
    from: ben.address, to: OWNER.address, subject: 'x', login: { ...ben, password: lost },
  }), /535/)
  await button('Turn off two-factor login').click()
  await dialog().getByRole('button', { name: 'Turn off' }).click()
  await button('Turn off two-factor login').waitFor({ state: 'detached' })
  const again = await openTab(browser, server.url, { viewport: SIZES.phone })
  await logIn(again, ben)
  await again.context().close()
})

test('a server without ports for mail programs says so', async () => {
  await visit(page, '/me/programs')
  await page.getByText('This server offers no port for').waitFor()
  await look(page, 'programs-missing-desktop', { shown: false })
  await page.getByRole('link', { name: 'See where it listens' }).click()
  await page.getByRole('heading', { name: 'LISTEN_IMAPS' }).waitFor()
})

test('the password is changed', async () => {
  await visit(page, '/me')
  await page.getByLabel('Password so far').fill(OWNER.password)
  await page.getByLabel('New password').fill('another-river-under-oak')
  await button('Change password').click()
  await page.getByText('The password is changed').waitFor()
})

test('another MTA-STS mode is kept, and its record is shown anew', async () => {
  await visit(page, '/domains/example.org')
  const record = page.locator('.record', { hasText: 'v=STSv1' })
  const id = await record.locator('pre, code').filter({ hasText: 'v=STSv1' }).first().innerText()
  const mode = page.getByLabel('What other servers do that cannot come here over TLS (MTA-STS)')
  await mode.selectOption('enforce')
  await page.locator('form', { has: mode }).getByRole('button', { name: 'Save' }).click()
  await page.waitForFunction((old) => {
    const text = document.querySelector('.records')?.textContent ?? ''
    return text.includes('v=STSv1') && !text.includes(old)
  }, id.trim(), { timeout: 30000 })
})
