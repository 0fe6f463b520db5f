// harness/fill.mjs: a server as it looks after some use.
import assert from 'node:assert/strict'
import { sendMail } from './mail.mjs'
import { OWNER } from './server.mjs'

/** Accounts and aliases by the API, then mail in, mail that cannot leave, and a refusal. */
export async function fill(server, page) {
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
