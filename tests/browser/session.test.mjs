// session.test.mjs: the files of the interface, its login, and what keeps strangers out.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES } from './harness/browser.mjs'
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

const asset = async () => (await (await fetch(server.url)).text()).match(/\/assets\/app-\w+\.js/)[0]

test('files named by content may be kept, the page that names them not', async () => {
  const page = await fetch(server.url)
  assert.equal(page.headers.get('cache-control'), 'no-cache')
  const again = await fetch(server.url, { headers: { 'If-None-Match': page.headers.get('etag') } })
  assert.equal(again.status, 304)
  const script = await fetch(server.url + await asset())
  assert.match(script.headers.get('cache-control'), /immutable/)
  assert.equal((await fetch(`${server.url}/assets/app-000000000000.js`)).status, 404)
})

test('the coding is the best that is accepted', async () => {
  const path = server.url + await asset()
  for (const [accepted, coding] of [['br, gzip', 'br'], ['gzip', 'gzip'], ['identity', null], ['br;q=0, *', 'gzip']]) {
    const r = await fetch(path, { headers: { 'Accept-Encoding': accepted } })
    assert.equal(r.headers.get('content-encoding'), coding, accepted)
    assert.match(await r.text(), /Roost/)
  }
})

test('the policy allows no inline code and no other host', async () => {
  const policy = (await fetch(server.url)).headers.get('content-security-policy')
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(policy, /unsafe|https?:|\*/)
  const page = await (await fetch(server.url)).text()
  assert.doesNotMatch(page, /<style|style=|<script>|\son\w+=/)
})

test('a page that broke the policy would fail its test', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.deepEqual(page.problems, [])
  for (const make of [
    () => document.body.setAttribute('style', 'color: red'),
    () => document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.inline = true' })),
    () => { document.body.insertAdjacentHTML('beforeend', '<img src="https://example.net/a.png">') },
  ]) {
    page.problems.length = 0
    await page.evaluate(make)
    await page.waitForTimeout(100)
    assert.notDeepEqual(page.problems, [], String(make))
  }
  assert.equal(await page.evaluate(() => window.inline), undefined)
  await page.context().close()
})

test('nothing moves for who wants less motion', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  const time = () => page.getByRole('button', { name: 'Log in', exact: true }).evaluate((e) => getComputedStyle(e).transitionDuration)
  assert.equal(await time(), '0s')
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  assert.notEqual(await time(), '0s')
  await page.context().close()
})

test('browsers get the interface at any of its paths, programs do not', async () => {
  const html = { headers: { Accept: 'text/html' } }
  assert.equal((await fetch(`${server.url}/accounts/anna@example.org`, html)).status, 200)
  assert.equal((await fetch(`${server.url}/accounts/anna@example.org`)).status, 404)
  assert.equal((await fetch(`${server.url}/api/nothing`, html)).status, 404)
  assert.equal((await fetch(`${server.url}/.well-known/nothing`, html)).status, 404)
})

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`login at ${size} width`, async () => {
    const page = await openTab(browser, server.url, { viewport })
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await look(page, `login-${size}`)
    await page.getByLabel('Address').fill(OWNER.address)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await look(page, `login-refused-${size}`, { failures: true })
    await logIn(page, OWNER)
    await page.goto(`${server.url}/me`)
    await page.getByRole('heading', { name: 'Profile and password', level: 1 }).waitFor()
    await page.context().close()
  })
}

test('all of it works from the keyboard', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.keyboard.type(OWNER.address) // the first field has the focus
  await page.keyboard.press('Tab')
  await page.keyboard.type(OWNER.password)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Overview' }).waitFor()
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  assert.ok(await skip.evaluate((e) => e === document.activeElement))
  await page.keyboard.press('Enter')
  assert.ok(await page.locator('main').evaluate((e) => e === document.activeElement))
  await page.context().close()
})

test('the types of the interface are those of the API', async () => {
  const api = await (await fetch(`${server.url}/api/openapi.json`)).text()
  const { stdout } = spawnSync('scripts/gen-api-types', { input: api, encoding: 'utf8' })
  assert.equal(stdout, readFileSync('web/src/api/schema.ts', 'utf8'), 'make api-types')
})

test('logging out ends the session for good', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await logIn(page, OWNER)
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.context().close()
})
