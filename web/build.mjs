// web/build.mjs OUT.c: bundles src/, names each file by its content, compresses it, and writes
// the table that network/http_server/assets.h declares. scripts/build-web calls it after the type check.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const FIRST_LOAD_MAX = 150 * 1024
const web = new URL('.', import.meta.url).pathname
const out = process.argv[2]
const folder = out.replace(/\.c$/, '.files')

const TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
}

async function bundle(entry) {
  const result = await build({
    entryPoints: [web + entry],
    bundle: true, minify: true, write: false, format: 'esm', target: 'es2022',
    jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none', logLevel: 'warning',
  })
  return Buffer.from(result.outputFiles[0].contents)
}

function hash(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

/** The bytes in each coding; an empty one when it would save nothing. */
function codings(bytes) {
  const gzip = gzipSync(bytes, { level: 9 })
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })
  return {
    plain: bytes,
    gzip: gzip.length < bytes.length ? gzip : Buffer.alloc(0),
    br: br.length < bytes.length ? br : Buffer.alloc(0),
  }
}

function embed(symbol, file, bytes) {
  if (bytes.length === 0) return ''
  writeFileSync(`${folder}/${file}`, bytes)
  return `__asm__(".section .rodata\\n.balign 16\\n.global ${symbol}\\n${symbol}:\\n"\n` +
    `        ".incbin \\"${folder}/${file}\\"\\n.byte 0\\n.previous\\n");\n` +
    `extern const char ${symbol}[];\n`
}

function row(asset) {
  const member = (name) => asset[name].length === 0 ? '{ "", 0 }'
    : `{ ${asset.symbol}_${name}, ${asset[name].length} }`
  return `\t{ "${asset.path}", "${TYPES[asset.kind]}", "\\"${asset.hash}\\"", ${asset.hashed},\n` +
    `\t  ${member('plain')}, ${member('gzip')}, ${member('br')} },\n`
}

function asset(name, bytes, hashed) {
  const [stem, kind] = name.split('.')
  const digest = hash(bytes)
  return {
    name, kind, hashed, hash: digest, symbol: `web_${stem}_${kind}`,
    path: hashed ? `/assets/${stem}-${digest}.${kind}` : `/${name}`, ...codings(bytes),
  }
}

const assets = [
  asset('app.js', await bundle('src/main.tsx'), true),
  asset('app.css', await bundle('src/style/app.css'), true),
  asset('icon.svg', readFileSync(web + 'src/icon.svg'), true),
]
const page = readFileSync(web + 'index.html', 'utf8')
  .replace(/\{([a-z.]+)\}/g, (_, name) => assets.find((a) => a.name === name).path)
assets.push(asset('index.html', Buffer.from(page), false))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
let embeds = ''
for (const a of assets) {
  const suffix = { plain: '', gzip: '.gz', br: '.br' }
  for (const name of ['plain', 'gzip', 'br'])
    embeds += embed(`${a.symbol}_${name}`, a.path.split('/').pop() + suffix[name], a[name])
}
writeFileSync(out, `/* Made of web/ by web/build.mjs. */\n#include "network/http_server/assets.h"\n\n${embeds}\n` +
  `const struct http_asset http_assets[] = {\n${assets.map(row).join('')}};\n` +
  `const size_t http_asset_count = ${assets.length};\n`)

const total = (name) => assets.reduce((sum, a) => sum + (a[name].length || a.plain.length), 0)
const kb = (n) => `${(n / 1024).toFixed(1)} KB`
console.log(`  WEB    first load ${kb(total('br'))} brotli, ${kb(total('gzip'))} gzip, ${kb(total('plain'))} plain`)
if (total('gzip') > FIRST_LOAD_MAX) {
  console.error(`web: the first load is above ${kb(FIRST_LOAD_MAX)} with gzip`)
  process.exit(1)
}
