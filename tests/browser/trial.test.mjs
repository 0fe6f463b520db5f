// trial.test.mjs: a change of where the console is, confirmed at its new address, or undone.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

let browser

before(async () => { browser = await launch() })
after(() => browser?.close())

/** One that was free a moment ago. */
function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click()

async function openSettings(url) {
  const page = await openTab(browser, url, { viewport: SIZES.phone })
  await logIn(page, OWNER)
  await visit(page, '/settings')
  await page.getByRole('heading', { name: 'LISTEN_HTTP', exact: true }).waitFor()
  return page
}

async function move(page, port) {
  await press(page, 'Edit LISTEN_HTTP')
  await page.getByRole('textbox', { name: 'Value' }).fill(`127.0.0.1:${port}`)
  await press(page, 'Save')
  await page.getByText('Unconfirmed change').waitFor()
}

test('the console moves, is confirmed at its new address, moves again and is called back', async () => {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  const server = await startOwned({ LISTEN_HTTP: undefined, LISTEN_HTTPS: '', TRIAL: '60s' },
    { LISTEN_HTTP: `127.0.0.1:${first}` })
  try {
    let page = await openSettings(`http://127.0.0.1:${first}`)
    await move(page, second)
    await look(page, 'settings-trial-phone')
    await page.context().close()
    page = await openSettings(`http://127.0.0.1:${second}`)
    await press(page, 'Keep the change')
    await page.getByText('Unconfirmed change').waitFor({ state: 'detached' })
    await move(page, third)
    await press(page, 'Undo now')
    await page.getByText('Unconfirmed change').waitFor({ state: 'detached' })
    assert.equal((await fetch(`http://127.0.0.1:${second}/healthz/live`)).status, 200)
    await assert.rejects(fetch(`http://127.0.0.1:${third}/healthz/live`))
    await page.context().close()
  } finally {
    assert.equal(await server.stop(), 0)
  }
})
