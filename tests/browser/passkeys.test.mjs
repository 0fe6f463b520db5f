// passkeys.test.mjs: passkeys with Chromium's own authenticator in software: added, used, removed.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES } from './harness/browser.mjs'
import { OWNER, startOwned } from './harness/server.mjs'

let server, browser

before(async () => {
  server = await startOwned()
  // A name, which passkeys need, and the one that is as good as TLS.
  server.url = server.url.replace('127.0.0.1', 'localhost')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  assert.equal(await server?.stop(), 0)
})

/** An authenticator of this tab, which knows its owner and does as it is told. */
async function addAuthenticator(page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  })
  return {
    send: (command, more) => devtools.send(`WebAuthn.${command}`, { authenticatorId, ...more }),
    credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  }
}

const button = (page, name) => page.getByRole('button', { name, exact: true })

const listed = (page, label) => page.locator('td strong', { hasText: label })

async function openPasskeys(page) {
  await page.goto(`${server.url}/me/passkeys`)
  await page.getByRole('heading', { name: 'Passkeys', level: 1 }).waitFor()
}

async function add(page, label) {
  await button(page, 'Add passkey').click()
  await page.getByLabel('Label').fill(label)
  await button(page, 'Create passkey').click()
}

async function logOut(page) {
  await button(page, 'Log out').click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
}

for (const [size, viewport] of Object.entries(SIZES)) {
  describe(`at ${size} width`, () => {
    let page, authenticator
    before(async () => {
      page = await openTab(browser, server.url, { viewport })
      authenticator = await addAuthenticator(page)
    })
    after(() => page?.context().close())

    test('a passkey is added', async () => {
      await logIn(page, OWNER)
      await openPasskeys(page)
      await look(page, `passkeys-none-${size}`)
      await button(page, 'Add passkey').click()
      await page.getByText('After you add your first passkey').waitFor()
      await look(page, `passkeys-add-${size}`)
      await page.keyboard.press('Escape')
      await add(page, 'My phone')
      await listed(page, 'My phone').waitFor()
      await page.getByText('This is your only passkey').waitFor()
      await look(page, `passkeys-${size}`)
      const [made] = await authenticator.credentials()
      assert.equal(made.rpId, 'localhost')
      assert.equal(made.isResidentCredential, true)
    })

    test('the same device cannot be added twice', async () => {
      await add(page, 'Once more')
      await page.getByText('This device already has a passkey for this account.').waitFor()
      await look(page, `passkeys-twice-${size}`, { failures: true })
      await page.keyboard.press('Escape')
      assert.equal((await authenticator.credentials()).length, 1)
    })

    test('it logs in without a name, and the password alone no longer does', async () => {
      if (await button(page, 'Menu').isVisible()) await button(page, 'Menu').click()
      await logOut(page)
      await page.getByLabel('Address').fill(OWNER.address)
      await page.getByLabel('Password').fill(OWNER.password)
      await button(page, 'Log in').click()
      await page.getByText('only a passkey of yours opens this').waitFor()
      await look(page, `passkeys-needed-${size}`, { failures: true })
      await page.goto(server.url)
      await look(page, `passkeys-login-${size}`)
      await button(page, 'Log in with a passkey').click()
      await page.locator('.console').waitFor()
      await page.waitForTimeout(1500) // recent logins are written a second after they were
      await page.goto(`${server.url}/me`)
      await page.getByRole('table').getByText('My phone').waitFor()
    })

    test('whom the authenticator does not know it does not let in', async () => {
      await page.context().clearCookies()
      await authenticator.send('setUserVerified', { isUserVerified: false })
      await page.goto(server.url)
      await button(page, 'Log in with a passkey').click()
      await page.getByText('No passkey was used').waitFor()
      await authenticator.send('setUserVerified', { isUserVerified: true })
      await button(page, 'Log in with a passkey').click()
      await page.locator('.console').waitFor()
    })

    test('removed, it is refused', async () => {
      await openPasskeys(page)
      await page.getByRole('button', { name: 'Remove My phone' }).click()
      await look(page, `passkeys-remove-${size}`)
      await button(page, 'Remove').click()
      await page.getByText('There are no passkeys.').waitFor()
      await page.context().clearCookies()
      await page.goto(server.url)
      await button(page, 'Log in with a passkey').click()
      await page.getByText('This passkey belongs to no account').waitFor()
      await look(page, `passkeys-refused-${size}`, { failures: true })
      await logIn(page, OWNER)
    })
  })
}

test('an administrator removes the passkeys of who has lost them', async () => {
  const page = await openTab(browser, server.url, { viewport: SIZES.desktop })
  await addAuthenticator(page)
  await logIn(page, OWNER)
  await openPasskeys(page)
  await add(page, 'Lost phone')
  await listed(page, 'Lost phone').waitFor()
  await page.goto(`${server.url}/accounts/${encodeURIComponent(OWNER.address)}`)
  await page.getByRole('button', { name: 'Remove Lost phone' }).click()
  await button(page, 'Remove').click()
  await page.getByText('Passkey "Lost phone" removed').waitFor()
  await look(page, 'passkeys-account')
  await page.context().close()
})

test('by an address that is no name the page says where passkeys work', async () => {
  const page = await openTab(browser, server.url.replace('localhost', '127.0.0.1'), { viewport: SIZES.desktop })
  await logIn(page, OWNER)
  await page.goto(`${server.url.replace('localhost', '127.0.0.1')}/me/passkeys`)
  await add(page, 'Nowhere')
  await page.getByText('open https://mail.example.org').waitFor()
  await page.context().close()
})
