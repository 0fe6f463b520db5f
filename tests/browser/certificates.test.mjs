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
    await field('Additional names').fill(names)
    await field('Additional RSA certificate').check()
    await field('External account binding: key ID').fill(`kid-${size}`)
    await field('External account binding: key').fill('bWFjLWtleS1vZi10aGUtdGVzdHM')
    await field('Challenge').selectOption('dns-01')
    await field('Or: URL of an HTTP hook that sets records').fill('http://dns.internal/acme')
    await look(page, `certificates-form-${size}`)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved', { exact: false }).first().waitFor()
    await visit(page, '/certificates')
    assert.equal(await field('Additional names').inputValue(), names)
    assert.equal(await field('External account binding: key ID').inputValue(), `kid-${size}`)
    assert.equal(await field('External account binding: key').inputValue(), '', 'a secret is never shown')
    assert.equal(await field('Or: URL of an HTTP hook that sets records').inputValue(),
      'http://dns.internal/acme')
    assert.ok(await field('Additional RSA certificate').isChecked())
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
    await page.getByRole('button', { name: 'Upload certificate' }).click()
    await look(page, `certificates-bring-${size}`)
    await dialog.getByLabel('PEM files', { exact: true }).setInputFiles([
      { name: 'chain.pem', mimeType: 'text/plain', buffer: Buffer.from(mine.chain) },
      { name: 'key.pem', mimeType: 'text/plain', buffer: Buffer.from(other.key) },
    ])
    await act('Upload certificate')
    await dialog.getByRole('alert').getByText('key').waitFor()
    await dialog.getByLabel('Private key').fill(mine.key)
    await act('Upload certificate')
    await page.getByRole('heading', { name, level: 2 }).waitFor()
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await act('Remove certificate')
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor({ state: 'detached' })
    await page.context().close()
  })
}
