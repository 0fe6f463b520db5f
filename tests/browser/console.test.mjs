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
  'account-imports': ['/accounts/ben%40example.org/imports', 'Import mail for ben@example.org'],
  aliases: ['/aliases', 'Aliases and lists'],
  queue: ['/queue', 'Queue'],
  deliveries: ['/history', 'Delivery history'],
  destinations: ['/destinations', 'Destinations'],
  suppressed: ['/suppressed', 'Suppression list'],
  'tls-empty': ['/tls', 'TLS'],
  'sent-none': ['/sent', 'API submissions'],
  'webhooks-none': ['/webhooks', 'Webhooks'],
  traces: ['/traces', 'Messages'],
  events: ['/events', 'Events'],
  checks: ['/checks', 'Policy'],
  blocked: ['/blocked', 'Blocked addresses'],
  certificates: ['/certificates', 'Certificates'],
  settings: ['/settings', 'Settings', '/settings'],
  tokens: ['/tokens', 'API tokens'],
  audit: ['/audit', 'Audit log'],
  backup: ['/backup', 'Backup'],
  me: ['/me', 'Profile and password'],
  'app-passwords': ['/me/app-passwords', 'App passwords'],
  passkeys: ['/me/passkeys', 'Passkeys'],
  'two-factor': ['/me/two-factor', 'Two-factor login'],
  programs: ['/me/programs', 'Mail clients'],
  filters: ['/me/filters', 'Filters'],
  vacation: ['/me/vacation', 'Vacation'],
  scripts: ['/me/scripts', 'Scripts'],
  imports: ['/me/imports', 'Import mail'],
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
        await page.waitForFunction((name) => document.title.split(' · ')[0] === name, title)
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

    test('a message trace', async () => {
      await visit(page, '/traces')
      await page.getByRole('link', { name: 'ben@example.org' }).first().click()
      await page.getByRole('heading', { name: 'Trace', exact: true }).waitFor()
      await lookAt('trace')
    })

    const openMenu = async () => size === 'phone' && page.getByRole('button', { name: 'Menu' }).click()
    const menu = () => page.getByRole('navigation', { name: 'Main menu' })

    test('the menu and its tabs lead to every page', async () => {
      const paths = (links) => links.evaluateAll((all) => all.map((a) => a.pathname))
      await visit(page, '/')
      await openMenu()
      await lookAt('menu')
      const found = await paths(menu().locator('a'))
      for (const path of found.slice()) {
        await visit(page, path)
        found.push(...await paths(page.locator('.tabs a')))
      }
      const missing = Object.values(PAGES).map(([path]) => path).filter((path) => !path.includes('/', 1) && !found.includes(path))
      assert.deepEqual(missing, [])
      for (const name of ['Settings', 'Mail clients']) {
        await openMenu()
        await menu().getByRole('link', { name }).click()
        await page.getByRole('heading', { name, level: 1 }).waitFor()
      }
      if (size !== 'phone') return
      await openMenu()
      await page.getByRole('button', { name: 'Log out' }).scrollIntoViewIfNeeded()
      await page.getByRole('button', { name: 'Menu' }).click() // it is not covered by what it has opened
      await menu().waitFor({ state: 'hidden' })
      await openMenu()
      await page.keyboard.press('Escape')
      await menu().waitFor({ state: 'hidden' })
    })

    test('a tab is a link, and the address of a page leads to its tab', async () => {
      await visit(page, '/suppressed')
      await page.getByRole('heading', { name: 'Outbound', level: 1 }).waitFor()
      const tabs = page.getByRole('navigation', { name: 'Outbound' })
      assert.deepEqual(await tabs.getByRole('link').allInnerTexts(), ['Queue', 'Delivery history', 'Destinations', 'Suppression list', 'TLS'])
      assert.deepEqual(await tabs.locator('[aria-current="page"]').allInnerTexts(), ['Suppression list'])
      await tabs.getByRole('link', { name: 'TLS' }).focus()
      await page.keyboard.press('Enter')
      await tabs.locator('[aria-current="page"]', { hasText: 'TLS' }).waitFor()
      assert.equal(new URL(page.url()).pathname, '/tls')
      await page.waitForFunction(() => document.title === 'TLS · Outbound · Roost')
    })

    test('a closed group of the menu stays closed until one of its pages is opened', async () => {
      const group = menu().getByRole('button', { name: 'Mail', exact: true })
      const outbound = menu().getByRole('link', { name: 'Outbound' })
      const expanded = (value) => page.locator(`.menu h2 button[aria-expanded="${value}"]`, { hasText: 'Mail' }).waitFor()
      await visit(page, '/accounts')
      await openMenu()
      await group.focus()
      await page.keyboard.press('Enter')
      await expanded(false)
      await outbound.waitFor({ state: 'hidden' })
      await lookAt('menu-closed')
      await page.reload()
      await openMenu()
      await expanded(false)
      await visit(page, '/queue')
      await openMenu()
      await expanded(true)
      await outbound.waitFor()
      assert.match(await outbound.getAttribute('aria-current'), /page/)
      await visit(page, '/')
    })

    test('a path that does not exist', async () => {
      await visit(page, '/nowhere')
      await page.getByRole('heading', { name: 'Page not found' }).waitFor()
      await lookAt('nowhere')
    })
  })
}
