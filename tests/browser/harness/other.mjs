// harness/other.mjs: another mail server to move away from: a second Roost, behind a line as slow
// as a test needs it, and a name server that knows it.
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makePem } from './pem.mjs'
import { startOwned } from './server.mjs'

export const NAME = 'old.example.net'

/** Every name has the address 127.0.0.1, and nothing else (RFC 1035 4.1). */
export function startNames() {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    let end = 12
    while (query[end] !== 0) end += query[end] + 1
    const question = query.subarray(12, end + 5)
    const isA = query.readUInt16BE(end + 1) === 1
    const head = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])
    socket.send(Buffer.concat([head, question, ...(isA ? [answer] : [])]), from.port, from.address)
  })
  return new Promise((done) => socket.bind(0, '127.0.0.1', () =>
    done({ address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() })))
}

/** So many bytes a second come through, in twentieths. */
function trickle(from, to, line) {
  from.on('data', async (data) => {
    from.pause()
    for (let at = 0; at < data.length && !to.destroyed;) {
      const n = Math.ceil(line.bytes_s / 20)
      to.write(data.subarray(at, at + n))
      at += n
      if (line.bytes_s < Infinity) await new Promise((done) => setTimeout(done, 50))
    }
    from.resume()
  })
  from.on('close', () => to.destroy())
  from.on('error', () => to.destroy())
}

/** A server with an owner, as startOwned; line.bytes_s is how fast its IMAP is. */
export async function startOther() {
  const folder = mkdtempSync(join(tmpdir(), 'roost-other-'))
  const pem = makePem(NAME)
  writeFileSync(join(folder, 'cert'), pem.chain)
  writeFileSync(join(folder, 'key'), pem.key)
  const server = await startOwned({ TLS_CERT: join(folder, 'cert'), TLS_KEY: join(folder, 'key') })
  const line = { bytes_s: Infinity }
  const front = createServer((socket) => {
    const back = connect(server.ports.imaps, '127.0.0.1')
    trickle(socket, back, { bytes_s: Infinity })
    trickle(back, socket, line)
  })
  await new Promise((done) => front.listen(0, '127.0.0.1', done))
  return {
    ...server, line, pem: pem.chain, port: front.address().port,
    async stop() {
      front.close()
      const status = await server.stop()
      rmSync(folder, { recursive: true })
      return status
    },
  }
}
