// speed.test.mjs: how soon the console is seen, by who has never been there, and how much it
// takes. The figures stand in docs/reference/benchmarks.md.
import assert from 'node:assert/strict'
import { cpus, loadavg } from 'node:os'
import { after, before, test } from 'node:test'
import { launch, logIn, openTab, SIZES } from './harness/browser.mjs'
import { fill } from './harness/fill.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

const ROUNDS = 9
const FIRST_PAINT_MAX_MS = 200
const FIRST_LOAD_MAX = 150 * 1024

let server, browser, signedIn

before(async () => {
  server = await startOwned()
  browser = await launch()
  const page = await openTab(browser, server.url)
  await logIn(page, OWNER)
  await fill(server, page)
  signedIn = await page.context().storageState()
  await page.context().close()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

/** What the browser says of a load with nothing in its cache: milliseconds since the address was
 * entered, and bytes of the interface as they came over the wire. */
async function load(options) {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop, ...options })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.locator('.figures, form').waitFor()
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  const seen = await page.evaluate(async () => {
    const largest = await new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1)))
      .observe({ type: 'largest-contentful-paint', buffered: true }))
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((e) => !new URL(e.name).pathname.startsWith('/api/'))
    return {
      paint_ms: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      largest_ms: largest.startTime,
      files: files.filter((e) => e.transferSize > 0).map((e) => new URL(e.name).pathname),
      bytes: files.reduce((sum, e) => e.transferSize > 0 ? sum + e.encodedBodySize : sum, 0),
    }
  })
  await page.context().close()
  return seen
}

/** How many want each core: on a machine that others use as well all of it takes longer. */
const crowd = () => Math.max(1, loadavg()[0] / cpus().length)
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]

for (const [what, options] of [['the login', () => ({})], ['the console', () => ({ storageState: signedIn })]]) {
  test(`${what} is painted at once`, async (t) => {
    const loads = []
    for (let i = 0; i < ROUNDS; i++) loads.push(await load(options()))
    const first = loads.map((l) => Math.round(l.paint_ms))
    t.diagnostic(`first paint of ${what}: median ${median(first)} ms, of ${first}; ` +
      `its largest part: median ${Math.round(median(loads.map((l) => l.largest_ms)))} ms; ${crowd().toFixed(1)} wanted each core`)
    assert.ok(median(first) < FIRST_PAINT_MAX_MS * crowd(), `${first}`)
  })
}

test('the first load is small', async (t) => {
  const { bytes, files } = await load({ storageState: signedIn })
  t.diagnostic(`first load: ${(bytes / 1024).toFixed(1)} KB in ${files.length} files`)
  for (const kind of [/^\/$/, /\.js$/, /\.css$/]) assert.ok(files.some((f) => kind.test(f)), `${kind} in ${files}`)
  assert.ok(bytes < FIRST_LOAD_MAX, `${bytes}`)
})
