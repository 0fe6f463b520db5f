// harness/server.mjs: Roost itself: the real binary on free loopback ports with a data folder
// of its own.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const BINARY = process.env.ROOST_BINARY ?? 'build/roost'
const LISTENERS = ['SMTP', 'SUBMISSION', 'SUBMISSIONS', 'IMAP', 'IMAPS', 'POP3', 'POP3S', 'MANAGESIEVE', 'HTTP', 'HTTPS']
const START_MS = 20000

export const OWNER = { address: 'anna@example.org', password: 'quiet-river-under-maple' }

function environment(settings) {
  const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROOST_')))
  const given = {
    ...Object.fromEntries(LISTENERS.map((name) => [`LISTEN_${name}`, '127.0.0.1:0'])),
    DNS_SERVERS: '127.0.0.1:1', // nobody listens there
    DOCTOR_RESOLVERS: '', // and nobody outside is asked
    ...settings,
  }
  return { ...bare, ...Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined).map(([k, v]) => [`ROOST_${k}`, v])) }
}

/** The ports by service, when the log says that everything is up. */
function ready(child, lines) {
  const ports = {}
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`no start:\n${lines.join('\n')}`)), START_MS)
    child.once('exit', (status) => failed(new Error(`ended with ${status}:\n${lines.join('\n')}`)))
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line)
      const words = Object.fromEntries([...line.matchAll(/(\w+)=(\S+)/g)].map((m) => [m[1], m[2]]))
      if (line.includes(' listener_opened ')) ports[words.service] = Number(words.address.split(':').pop())
      if (!line.includes(' info server_ready ')) return
      clearTimeout(timer)
      done(ports)
    })
  })
}

/** `roost WORDS`, which must go well. */
function command(env, ...words) {
  const done = spawnSync(BINARY, words, { env, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}

/** A server with these settings (ROOST_ variables without the prefix; undefined: left out), up
 * and running; stored ones lie in its store. */
export async function startServer(settings = {}, stored = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'roost-browser-'))
  const env = environment({ DATA: join(folder, 'data'), ...settings })
  if (Object.keys(stored).length > 0) command(env, 'domain', 'add', 'example.org')
  for (const [name, value] of Object.entries(stored)) command(env, 'settings', 'set', name, value)
  const child = spawn(BINARY, [], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const log = []
  const ports = await ready(child, log)
  return {
    ports, log,
    url: `http://127.0.0.1:${ports.http}`,
    /** `roost WORDS` beside the server. */
    command(...words) {
      return spawnSync(BINARY, words, { env, encoding: 'utf8' })
    },
    async stop() {
      child.removeAllListeners('exit')
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      const status = await ended
      rmSync(folder, { recursive: true, force: true })
      return status
    },
  }
}

/** A port that was free just now, for a setting that must name one. */
export function freePort() {
  return new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })
}

/** Why a test cannot run: the first of these paths that the server's API does not have; false
 * when it has them all. */
export async function lacks(url, ...paths) {
  const known = (await (await fetch(`${url}/api/openapi.json`)).json()).paths
  const missing = paths.find((path) => !(`/api${path}` in known))
  return missing ? `the API has no ${missing} yet` : false
}

/** A server of example.org that has an owner. */
export function startOwned(settings = {}, stored = {}) {
  return startServer({
    HOSTNAME: 'mail.example.org', DOMAIN: 'example.org', ADMIN: OWNER.address,
    ADMIN_PASSWORD: OWNER.password, ALLOW_PLAINTEXT_AUTH: 'on', ...settings,
  }, stored)
}
