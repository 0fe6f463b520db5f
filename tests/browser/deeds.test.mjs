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

test('a message is held, let go and dropped', async () => {
  await sendMail(server.ports.submission, { from: OWNER.address, to: 'carl@example.net', subject: 'Held', login: OWNER })
  await visit(page, '/queue')
  await page.getByRole('link', { name: 'carl@example.net' }).click()
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
  await other.getByRole('button', { name: 'Log in' }).click()
  await other.getByLabel('Code').waitFor()
  await look(other, 'login-code-phone')
  await other.getByLabel('Code').fill(recovery)
  await other.getByRole('button', { name: 'Log in' }).click()
  await other.locator('.console').waitFor()
  await other.context().close()

  await page.getByLabel('Password').fill(OWNER.password)
  await button('Turn off').click()
  await button('Set up two-factor login').waitFor()
})

test('the password is changed', async () => {
  await visit(page, '/me')
  await page.getByLabel('Password so far').fill(OWNER.password)
  await page.getByLabel('New password').fill('another-river-under-oak')
  await button('Change password').click()
  await page.getByText('The password is changed').waitFor()
})
