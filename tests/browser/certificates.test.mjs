// certificates.test.mjs: how certificates are got from an authority and brought, at both
// widths.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, logIn, look, openTab, SIZES, visit } from './harness/browser.mjs'
import { makePem } from './harness/pem.mjs'
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

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`the form of ACME at ${size} width`, async () => {
    const page = await openTab(browser, server.url, { viewport })
    await logIn(page, OWNER)
    await visit(page, '/certificates')
    const field = (label) => page.getByLabel(label, { exact: true })
    const names = `imap.example.org, ${size}.example.org`
    await field('Further names').fill(names)
    await field('An RSA certificate beside it').check()
    await field('Account binding: key id').fill(`kid-${size}`)
    await field('Account binding: key').fill('bWFjLWtleS1vZi10aGUtdGVzdHM')
    await field('How the authority checks that the name is yours').selectOption('dns-01')
    await field('Or: address of an interface that sets records').fill('http://dns.internal/acme')
    await look(page, `certificates-form-${size}`)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved', { exact: false }).first().waitFor()
    await visit(page, '/certificates')
    assert.equal(await field('Further names').inputValue(), names)
    assert.equal(await field('Account binding: key id').inputValue(), `kid-${size}`)
    assert.equal(await field('Account binding: key').inputValue(), '', 'a secret is never shown')
    assert.equal(await field('Or: address of an interface that sets records').inputValue(),
      'http://dns.internal/acme')
    assert.ok(await field('An RSA certificate beside it').isChecked())
    await page.context().close()
  })

  test(`a certificate is brought and forgotten at ${size} width`, async () => {
    const name = `${size}.example.net`
    const mine = makePem(name), other = makePem('other.example.net')
    const page = await openTab(browser, server.url, { viewport })
    await logIn(page, OWNER)
    await visit(page, '/certificates')
    const dialog = page.getByRole('dialog')
    const act = (label) => dialog.getByRole('button', { name: label, exact: true }).click()
    await page.getByRole('button', { name: 'Bring a certificate' }).click()
    await look(page, `certificates-bring-${size}`)
    await dialog.getByLabel('PEM files', { exact: true }).setInputFiles([
      { name: 'chain.pem', mimeType: 'text/plain', buffer: Buffer.from(mine.chain) },
      { name: 'key.pem', mimeType: 'text/plain', buffer: Buffer.from(other.key) },
    ])
    await act('Bring a certificate')
    await dialog.getByRole('alert').getByText('key').waitFor()
    await dialog.getByLabel('Private key').fill(mine.key)
    await act('Bring a certificate')
    await page.getByRole('heading', { name, level: 2 }).waitFor()
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await act('Forget certificate')
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor({ state: 'detached' })
    await page.context().close()
  })
}
