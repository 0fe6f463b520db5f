// console.test.mjs: every page of the console, at both widths, with something on it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { sendMail } from './harness/mail.mjs'
import { lacks, OWNER, startOwned } from './harness/server.mjs'

const PAGES = {
  overview: ['/', 'mail.example.org'],
  domains: ['/domains', 'Domains'],
  domain: ['/domains/example.org', 'example.org', '/domains/{domain}/dns'],
  accounts: ['/accounts', 'Accounts'],
  account: ['/accounts/ben%40example.org', 'ben@example.org'],
  aliases: ['/aliases', 'Aliases and lists'],
  queue: ['/queue', 'Queue'],
  traces: ['/traces', 'Find a message'],
  events: ['/events', 'Event log'],
  blocked: ['/blocked', 'Blocked addresses'],
  certificates: ['/certificates', 'Certificates'],
  settings: ['/settings', 'Settings', '/settings'],
  tokens: ['/tokens', 'API tokens'],
  audit: ['/audit', 'Changes'],
  backup: ['/backup', 'Backup'],
  me: ['/me', 'My account'],
  'app-passwords': ['/me/app-passwords', 'App passwords'],
  'two-factor': ['/me/two-factor', 'Two-factor login'],
  programs: ['/me/programs', 'Mail programs'],
}

let server, browser

/** Accounts and aliases by the API, then mail in, mail that cannot leave, and a refusal. */
async function fill(page) {
  await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/session')).json()
    const post = async (path, body) => {
      const r = await fetch('/api' + path, {
        method: 'POST', headers: { 'X-CSRF': csrf, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
      })
      if (!r.ok) throw new Error(`${path}: ${await r.text()}`)
    }
    for (const [user, name] of [['ben', 'Ben Okafor'], ['chloe', 'Chloé Martin'], ['dieter', 'Dieter Krämer']])
      await post('/accounts', {
        address: `${user}@example.org`, name, password: 'meadow-lantern-cobalt-91', role: 'user', quota_bytes: 5 * 2 ** 30,
      })
    await post('/aliases', { address: 'office@example.org', targets: ['anna@example.org'], kind: 'alias' })
    await post('/aliases', { address: 'team@example.org', targets: ['anna@example.org', 'ben@example.org'], kind: 'list' })
    await post('/tokens', { label: 'Monitoring', scopes: ['admin:read'] })
    await post('/me/app-passwords', { label: 'Phone', scopes: ['imap', 'smtp'] })
  })
  for (let i = 0; i < 12; i++)
    await sendMail(server.ports.smtp, { from: 'carl@example.net', to: 'ben@example.org', subject: `News ${i}` })
  for (const to of ['carl@example.net', 'dora@example.com'])
    await sendMail(server.ports.submission, { from: OWNER.address, to, subject: 'Saturday', login: OWNER })
  await assert.rejects(sendMail(server.ports.smtp, { from: 'carl@example.net', to: 'nobody@example.org', subject: 'x' }))
}

before(async () => {
  server = await startOwned()
  browser = await launch()
  const page = await openTab(browser, server.url)
  await logIn(page, OWNER)
  await fill(page)
  await page.context().close()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`at ${size} width`, () => {
    let page
    before(async () => {
      page = await openTab(browser, server.url, { viewport })
      await logIn(page, OWNER)
    })
    after(() => page?.context().close())

    for (const [name, [path, title, needs = '/session']] of Object.entries(PAGES)) {
      test(name, async (t) => {
        const lacking = await lacks(server.url, needs)
        if (lacking) return t.skip(lacking)
        await visit(page, path)
        await page.getByRole('heading', { name: title, level: 1, exact: true }).waitFor()
        await look(page, `${name}-${size}`)
      })
    }

    test('a message in the queue', async () => {
      await visit(page, '/queue')
      await page.getByRole('link', { name: 'carl@example.net' }).click()
      await page.getByText('Subject: Saturday').waitFor()
      await look(page, `queue-entry-${size}`)
    })

    test('the story of a message', async () => {
      await visit(page, '/traces')
      await page.getByRole('link', { name: 'ben@example.org' }).first().click()
      await page.getByRole('heading', { name: 'What happened' }).waitFor()
      await look(page, `trace-${size}`)
    })

    test('the menu leads everywhere', async () => {
      const open = async () => size === 'phone' && page.getByRole('button', { name: 'Menu' }).click()
      await visit(page, '/')
      await open()
      const names = await page.getByRole('navigation').getByRole('link').allInnerTexts()
      assert.equal(names.length, 17)
      await look(page, `menu-${size}`)
      for (const name of ['Settings', 'Mail programs']) {
        await page.getByRole('navigation').getByRole('link', { name }).click()
        await page.getByRole('heading', { name, level: 1 }).waitFor()
        await open()
      }
    })

    test('a path that does not exist', async () => {
      await visit(page, '/nowhere')
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
      await look(page, `nowhere-${size}`)
    })
  })
}

test('in the dark', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop, colorScheme: 'dark' })
  await logIn(page, OWNER)
  for (const name of ['overview', 'domain', 'settings', 'me']) {
    if (await lacks(server.url, PAGES[name][2] ?? '/session')) continue
    await visit(page, PAGES[name][0])
    await page.getByRole('heading', { name: PAGES[name][1], level: 1, exact: true }).waitFor()
    await look(page, `${name}-dark`)
  }
  await page.context().close()
})
