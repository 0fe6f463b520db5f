// harness/pem.mjs: certificates made by openssl.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A self-signed certificate for a name, as PEM texts. */
export function makePem(name) {
  const folder = mkdtempSync(join(tmpdir(), 'roost-pem-'))
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')]
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
    '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
    '-keyout', key, '-out', cert])
  if (made.status !== 0) throw new Error(String(made.stderr))
  const pem = { chain: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  rmSync(folder, { recursive: true })
  return pem
}
