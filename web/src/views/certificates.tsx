// views/certificates.tsx: what visitors are shown, and where it comes from.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, get, type Page as Part } from '../api/client'
import type { Acme, Certificate } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { CheckField, Form, SelectField, TextField } from '../ui/field'
import { Ago, date } from '../ui/format'
import { Await, Failure, Notice } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { CertificateState } from './overview'

function One({ c }: { c: Certificate }) {
  return (
    <Card title={c.names[0] ?? c.id} actions={<CertificateState c={c} />}>
      {c.problem !== '' && <Notice state="fail">{c.problem}</Notice>}
      <Facts rows={[
        [t('certificate.names'), c.names.join(', ')],
        [t('certificate.issuer'), c.issuer],
        [t('certificate.valid'), t('certificate.between', { from: date(c.not_before), to: date(c.not_after) })],
        ...(c.next_try ? [[t('certificate.next'), <Ago time={c.next_try} />] as [string, JSX.Element]] : []),
      ]} />
    </Card>
  )
}

const CHALLENGES = {
  '': 'acme.any.help', 'http-01': 'acme.http.help', 'tls-alpn-01': 'acme.alpn.help', 'dns-01': 'acme.dns.help',
} as const

interface DnsUpdate { server: string, key_name: string, key_secret: string }

interface DnsProps {
  value: DnsUpdate
  onChange: (d: DnsUpdate) => void
  hook: string
  onHook: (url: string) => void
}

function DnsUpdateFields({ value, onChange, hook, onHook }: DnsProps) {
  const set = (part: Partial<DnsUpdate>) => onChange({ ...value, ...part })
  return (
    <div class="indented">
      <TextField label={t('acme.dns.server')} value={value.server} onInput={(server) => set({ server })} required={hook === ''} />
      <TextField label={t('acme.dns.key_name')} value={value.key_name} onInput={(key_name) => set({ key_name })} />
      <TextField label={t('acme.dns.key_secret')} help={t('acme.dns.key_secret.help')} type="password"
        value={value.key_secret} onInput={(key_secret) => set({ key_secret })} />
      <TextField label={t('acme.hook')} help={t('acme.hook.help')} value={hook} onInput={onHook} inputmode="url" />
    </div>
  )
}

function AcmeForm({ acme, onSaved }: { acme: Acme, onSaved: () => void }) {
  const [enabled, setEnabled] = useState(acme.enabled)
  const [email, setEmail] = useState(acme.email)
  const [directory, setDirectory] = useState(acme.directory)
  const [challenge, setChallenge] = useState(acme.challenge)
  const [dns, setDns] = useState<DnsUpdate>({ ...acme.dns, key_secret: '' })
  const [names, setNames] = useState(acme.names)
  const [hook, setHook] = useState(acme.hook)
  const [rsa, setRsa] = useState(acme.rsa)
  const [eab, setEab] = useState({ id: acme.eab_id, key: '' })
  const action = useAction()
  async function save() {
    await call('PUT', '/acme', { enabled, email: email.trim(), directory: directory.trim(), challenge,
      names: names.trim(), rsa, ...(eab.key !== '' || eab.id !== acme.eab_id ? { eab } : {}),
      ...(challenge === 'dns-01' ? { hook: hook.trim() } : {}),
      ...(challenge === 'dns-01' ? { dns: dns.key_secret === '' ? { server: dns.server } : dns } : {}) })
    setEab({ ...eab, key: '' })
    setDns({ ...dns, key_secret: '' })
    say(t('saved'))
    onSaved()
  }
  return (
    <Form onSubmit={() => void action.run(save)}>
      <CheckField label={t('acme.enabled')} help={t('acme.enabled.help')} checked={enabled} onInput={setEnabled} />
      <TextField label={t('acme.email')} help={t('acme.email.help')} value={email} onInput={setEmail} inputmode="email" />
      <SelectField label={t('acme.challenge')} value={challenge} onInput={setChallenge}
        help={challenge in CHALLENGES ? t(CHALLENGES[challenge as keyof typeof CHALLENGES]) : undefined}
        choices={Object.keys(CHALLENGES).map((value) => ({ value, label: value || t('acme.any') }))} />
      {challenge === 'dns-01' && <DnsUpdateFields value={dns} onChange={setDns} hook={hook} onHook={setHook} />}
      <TextField label={t('acme.names')} help={t('acme.names.help')} value={names} onInput={setNames} />
      <CheckField label={t('acme.rsa')} help={t('acme.rsa.help')} checked={rsa} onInput={setRsa} />
      <TextField label={t('acme.directory')} help={t('acme.directory.help')} value={directory} onInput={setDirectory} inputmode="url" />
      <TextField label={t('acme.eab.id')} help={t('acme.eab.help')} value={eab.id} onInput={(id) => setEab({ ...eab, id })} />
      <TextField label={t('acme.eab.key')} help={t('acme.eab.key.help')} type="password" value={eab.key}
        onInput={(key) => setEab({ ...eab, key })} />
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('save')}</Button></div>
    </Form>
  )
}

export function CertificatesPage() {
  const list = useLoad((signal) => get<Part<Certificate>>('/certificates', signal), [])
  const acme = useLoad((signal) => get<Acme>('/acme', signal), [])
  const renewing = useAction()
  const renew = () => void renewing.run(async () => {
    await call('POST', '/certificates/renew')
    say(t('certificate.renewing'))
    list.reload()
  })
  return (
    <Page title={t('nav.certificates')} intro={t('certificates.intro')}
      actions={<Button icon="refresh" busy={renewing.busy} onPress={renew}>{t('certificate.renew')}</Button>}>
      <Failure text={renewing.error} />
      <Await of={list}>{(found) => <>{found.items.map((c) => <One key={c.id} c={c} />)}</>}</Await>
      <Card title={t('acme.title')}>
        <Await of={acme}>{(a) => <AcmeForm acme={a} onSaved={acme.reload} />}</Await>
      </Card>
    </Page>
  )
}
