// harness/browser.mjs: Debian's Chromium, and what every page must fulfil.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const AXE = createRequire(import.meta.url)('axe-core').source
const SCREENS = process.env.ROOST_SCREENS // a folder for pictures; none are made without it
const CHROMIUM = process.env.ROOST_CHROMIUM ?? '/usr/bin/chromium'

export const SIZES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
}

export const found = existsSync(CHROMIUM)

/** A process of the browser; inside containers and as root it has no sandbox to make. */
export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** A tab that fails the test when the page errs, or asks any other host for anything. */
export async function openTab(browser, url, options = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', ...options })
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (e) => problems.push(`script: ${e.message}`))
  page.on('console', (m) => {
    // A refused request is told by the page itself; a broken policy must not be.
    if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) problems.push(m.text())
  })
  const server = new URL(url).origin
  page.on('request', (r) => {
    if (!r.url().startsWith(server) && !r.url().startsWith('data:')) problems.push(`asks ${r.url()}`)
  })
  page.setDefaultTimeout(15000)
  page.problems = problems
  page.server = server
  await page.goto(url)
  return page
}

async function axe(page) {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`))
}

/** The page is at rest, axe finds nothing, nothing sticks out at the side, nothing failed. */
export async function look(page, name, { failures = false } = {}) {
  await page.waitForFunction(() => !document.querySelector('.spinner, [aria-busy="true"]'))
  assert.deepEqual(await axe(page), [], `axe on ${name}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`)
  if (!failures) assert.deepEqual(await page.locator('.notice.fail').allInnerTexts(), [], name)
  assert.deepEqual(page.problems, [], name)
  await picture(page, name)
}

async function picture(page, name) {
  if (!SCREENS) return
  mkdirSync(SCREENS, { recursive: true })
  await page.screenshot({ path: `${SCREENS}/${name}.png`, animations: 'disabled' })
}

export async function logIn(page, { address, password }) {
  await page.getByLabel('Address').fill(address)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('.console').waitFor()
}

/** Go somewhere inside the interface without loading it anew. */
export async function visit(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)
}
