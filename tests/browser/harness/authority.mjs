// harness/authority.mjs: as much of a certification authority (RFC 8555) as it takes to be refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makePem } from './pem.mjs'

/** One that makes no account for anybody and says these words. */
export async function refusingAuthority(words) {
  const { chain, key } = makePem('localhost')
  const folder = mkdtempSync(join(tmpdir(), 'roost-ca-'))
  const ca = join(folder, 'ca.pem')
  writeFileSync(ca, chain)
  const server = createServer({ cert: chain, key }, (request, response) => {
    const at = `https://localhost:${server.address().port}`
    const fields = { 'Replay-Nonce': 'bm9uY2U', 'Cache-Control': 'no-store' }
    request.resume()
    if (request.url === '/dir') {
      response.writeHead(200, { ...fields, 'Content-Type': 'application/json' })
      return response.end(JSON.stringify({
        newNonce: `${at}/nonce`, newAccount: `${at}/account`, newOrder: `${at}/order`,
        revokeCert: `${at}/revoke`, keyChange: `${at}/key`,
      }))
    }
    if (request.url === '/nonce') return response.writeHead(200, fields).end()
    response.writeHead(403, { ...fields, 'Content-Type': 'application/problem+json' })
    response.end(JSON.stringify({ type: 'urn:ietf:params:acme:error:rejectedIdentifier', detail: words, status: 403 }))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return {
    ca,
    directory: `https://localhost:${server.address().port}/dir`,
    close() {
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
