// console.test.mjs: every page of the console, at both widths, light and dark, with something on
// it.
// Slow: every page is opened at each width, and axe looks at it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, tabThrough, visit } from './harness/browser.mjs'
import { fill } from './harness/fill.mjs'
import { freePort, lacks, OWNER, startOwned } from './harness/server.mjs'

const PAGES = {
  overview: ['/', 'mail.example.org'],
  domains: ['/domains', 'Domains'],
  domain: ['/domains/example.org', 'example.org', '/domains/{domain}/doctor'],
  accounts: ['/accounts', 'Accounts'],
  account: ['/accounts/ben%40example.org', 'ben@example.org'],
  'account-imports': ['/accounts/ben%40example.org/imports', 'Mail for ben@example.org from another server'],
  aliases: ['/aliases', 'Aliases and lists'],
  queue: ['/queue', 'Queue'],
  deliveries: ['/history', 'Delivery history'],
  destinations: ['/destinations', 'Destinations'],
  suppressed: ['/suppressed', 'Stopped addresses'],
  'tls-empty': ['/tls', 'TLS with others'],
  'sent-none': ['/sent', 'Sent by programs'],
  'webhooks-none': ['/webhooks', 'Webhooks'],
  traces: ['/traces', 'Find a message'],
  events: ['/events', 'Event log'],
  checks: ['/checks', 'Checks of mail'],
  blocked: ['/blocked', 'Blocked addresses'],
  certificates: ['/certificates', 'Certificates'],
  settings: ['/settings', 'Settings', '/settings'],
  tokens: ['/tokens', 'API tokens'],
  audit: ['/audit', 'Changes'],
  backup: ['/backup', 'Backup'],
  me: ['/me', 'My account'],
  'app-passwords': ['/me/app-passwords', 'App passwords'],
  passkeys: ['/me/passkeys', 'Passkeys'],
  'two-factor': ['/me/two-factor', 'Two-factor login'],
  programs: ['/me/programs', 'Mail programs'],
  imports: ['/me/imports', 'Bring mail here'],
}

// Of the dark pages these are shown in docs/screens; all are looked at.
const DARK_SHOWN = ['overview', 'domain', 'settings', 'me']

let server, browser

before(async () => {
  server = await startOwned({
    // Mail programs can only be told of ports that are known.
    LISTEN_IMAPS: `127.0.0.1:${await freePort()}`, LISTEN_SUBMISSIONS: `127.0.0.1:${await freePort()}`,
  })
  browser = await launch()
  const page = await openTab(browser, server.url)
  await logIn(page, OWNER)
  await fill(server, page)
  await page.context().close()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

for (const [size, viewport] of Object.entries(SIZES)) for (const colorScheme of ['light', 'dark']) {
  describe(`at ${size} width, ${colorScheme}`, () => {
    const light = colorScheme === 'light'
    let page
    before(async () => {
      page = await openTab(browser, server.url, { viewport, colorScheme })
      await logIn(page, OWNER)
    })
    after(() => page?.context().close())

    const lookAt = (name) => light ? look(page, `${name}-${size}`)
      : look(page, `${name}-dark`, { shown: size === 'desktop' && DARK_SHOWN.includes(name) })

    for (const [name, [path, title, needs = '/session']] of Object.entries(PAGES)) {
      test(name, async (t) => {
        const lacking = await lacks(server.url, needs)
        if (lacking) return t.skip(lacking)
        await visit(page, path)
        await page.getByRole('heading', { name: title, level: 1, exact: true }).waitFor()
        await lookAt(name)
        if (light && size === 'desktop') await tabThrough(page, name)
      })
    }

    test('a message in the queue', async () => {
      await visit(page, '/queue')
      await page.getByRole('link', { name: 'carl@example.net' }).click()
      await page.getByText('Subject: Saturday').waitFor()
      await lookAt('queue-entry')
    })

    test('the story of a message', async () => {
      await visit(page, '/traces')
      await page.getByRole('link', { name: 'ben@example.org' }).first().click()
      await page.getByRole('heading', { name: 'What happened' }).waitFor()
      await lookAt('trace')
    })

    test('the menu leads everywhere', async () => {
      const open = async () => size === 'phone' && page.getByRole('button', { name: 'Menu' }).click()
      await visit(page, '/')
      await open()
      const paths = await page.getByRole('navigation').getByRole('link').evaluateAll((all) => all.map((a) => a.pathname))
      const missing = Object.values(PAGES).map(([path]) => path).filter((path) => !path.includes('/', 1) && !paths.includes(path))
      assert.deepEqual(missing, [])
      await lookAt('menu')
      for (const name of ['Settings', 'Mail programs']) {
        await page.getByRole('navigation').getByRole('link', { name }).click()
        await page.getByRole('heading', { name, level: 1 }).waitFor()
        await open()
      }
      if (size !== 'phone') return
      await page.getByRole('button', { name: 'Log out' }).scrollIntoViewIfNeeded()
      await page.getByRole('button', { name: 'Menu' }).click() // it is not covered by what it has opened
      await page.getByRole('navigation').waitFor({ state: 'hidden' })
      await open()
      await page.keyboard.press('Escape')
      await page.getByRole('navigation').waitFor({ state: 'hidden' })
    })

    test('a path that does not exist', async () => {
      await visit(page, '/nowhere')
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
      await lookAt('nowhere')
    })
  })
}
