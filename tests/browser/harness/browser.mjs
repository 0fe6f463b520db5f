// harness/browser.mjs: Debian's Chromium, and what every page must fulfil.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const AXE = createRequire(import.meta.url)('axe-core').source
const SCREENS = process.env.ROOST_SCREENS // a folder for pictures; none are made without it
const AXE_LOG = process.env.ROOST_AXE // a file for what axe found; scripts/axe-report reads it
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

const ids = (rules) => rules.map((r) => r.id)

async function axe(page, name) {
  await page.evaluate(AXE)
  const found = await page.evaluate(() => globalThis.axe.run())
  if (AXE_LOG) {
    const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
    appendFileSync(AXE_LOG, JSON.stringify({
      name, width: page.viewportSize().width, theme: dark ? 'dark' : 'light', version: found.testEngine.version,
      passed: ids(found.passes), inapplicable: ids(found.inapplicable), undecided: ids(found.incomplete), violated: ids(found.violations),
    }) + '\n')
  }
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`))
}

/** The page is there and at rest, axe finds nothing, nothing sticks out at the side, nothing failed. */
export async function look(page, name, { failures = false, shown = true } = {}) {
  await page.waitForFunction(() => document.querySelector('h1') &&
    !document.querySelector('.spinner, .underway, [aria-busy="true"]'))
  assert.deepEqual(await axe(page, name), [], `axe on ${name}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`)
  if (!failures) assert.deepEqual(await page.locator('.notice.fail').allInnerTexts(), [], name)
  assert.deepEqual(page.problems, [], name)
  if (shown) await picture(page, name)
}

async function picture(page, name) {
  if (!SCREENS) return
  mkdirSync(SCREENS, { recursive: true })
  await page.screenshot({ path: `${SCREENS}/${name}.png`, animations: 'disabled' })
}

export async function logIn(page, { address, password }) {
  await page.getByLabel('Address').fill(address)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.locator('.console').waitFor()
}

/** From the head of the page on, Tab alone comes to everything that can be pressed or filled in,
 * and shows where it is. */
export async function tabThrough(page, name) {
  const stops = await page.evaluate(() => {
    const main = document.querySelector('main')
    const all = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility())
    all.forEach((e, i) => { e.dataset.stop = i })
    main.focus()
    return all.length
  })
  const missing = new Set(Array.from({ length: stops }, (_, i) => String(i)))
  for (let i = 0; missing.size > 0 && i < stops * 2 + 20; i++) { // a field for a date has many stops
    await page.keyboard.press('Tab')
    const { stop, outline } = await page.evaluate(() => ({
      stop: document.activeElement.dataset.stop, outline: getComputedStyle(document.activeElement).outlineStyle,
    }))
    if (stop === undefined) continue
    assert.notEqual(outline, 'none', `${name}: the focus is not seen on stop ${stop}`)
    missing.delete(stop)
  }
  assert.equal(missing.size, 0, `${name}: Tab does not come to ${[...missing]}`)
}

/** Go somewhere inside the interface without loading it anew. */
export async function visit(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)
}
