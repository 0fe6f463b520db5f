// ui/pem.tsx: a certificate and its key, pasted or from files. Files are sorted by what is in them.
import { useState } from 'preact/hooks'
import { t } from '../text/t'
import { FileField, TextArea } from './field'
import { Failure } from './notice'

export interface Pem { chain: string, key: string }

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g
const KEY = /PRIVATE KEY$/
const FILE_MAX = 64 * 1024

/** Blocks of a private key are the key, those of certificates the chain; the rest is left out. */
export function pemOf(text: string): Pem {
  const pem: Pem = { chain: '', key: '' }
  for (const [block, kind] of text.matchAll(BLOCK)) {
    if (KEY.test(kind!)) pem.key += block + '\n'
    else if (kind === 'CERTIFICATE') pem.chain += block + '\n'
  }
  return pem
}

export function PemFields({ value, onChange }: { value: Pem, onChange: (p: Pem) => void }) {
  const [error, setError] = useState('')
  async function take(files: File[]) {
    const texts = await Promise.all(files.filter((f) => f.size <= FILE_MAX).map((f) => f.text()))
    const found = pemOf(texts.join('\n'))
    setError(found.chain === '' && found.key === '' ? t('pem.none') : '')
    onChange({ chain: found.chain || value.chain, key: found.key || value.key })
  }
  return (
    <div class="indented">
      <FileField label={t('pem.files')} help={t('pem.files.help')} accept=".pem,.crt,.cer,.key,.txt" onFiles={(f) => void take(f)} />
      <Failure text={error} />
      <TextArea label={t('pem.chain')} help={t('pem.chain.help')} value={value.chain} onInput={(chain) => onChange({ ...value, chain })} />
      <TextArea label={t('pem.key')} help={t('pem.key.help')} value={value.key} onInput={(key) => onChange({ ...value, key })} />
    </div>
  )
}
