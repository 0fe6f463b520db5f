// views/certificates.tsx: what visitors are shown, and where it comes from.
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, get, part, type Page as Part } from '../api/client'
import type { Acme, Certificate } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { DnsUpdateFields } from '../ui/acme_dns'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, Form, SelectField, TextField } from '../ui/field'
import { Ago, date } from '../ui/format'
import { Await, Failure, Notice } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { PemFields } from '../ui/pem'
import { CertificateState } from './overview'

function One({ c, onRemove }: { c: Certificate, onRemove: () => void }) {
  return (
    <Card title={c.names[0] ?? c.id} actions={<>
      <CertificateState c={c} />
      {c.source === 'own' && (
        <Button kind="quiet" onPress={onRemove}>{t('remove')}<span class="unseen"> {c.names[0]}</span></Button>
      )}
    </>}>
      {c.problem !== '' && <Notice state={c.state === 'held' ? 'warn' : 'fail'}>{c.problem}</Notice>}
      <Facts rows={[
        [t('certificate.names'), c.names.join(', ')],
        [t('certificate.issuer'), c.issuer],
        [t('certificate.valid'), t('certificate.between', { from: date(c.not_before), to: date(c.not_after) })],
        ...(c.next_try ? [[t('certificate.next'), <Ago time={c.next_try} />] as [string, JSX.Element]] : []),
      ]} />
    </Card>
  )
}

function Bring({ onClose, onBrought }: { onClose: () => void, onBrought: () => void }) {
  const [pem, setPem] = useState({ chain: '', key: '' })
  async function bring() {
    const { names } = await call<Certificate>('POST', '/certificates', pem)
    say(t('certificate.brought', { names: names.join(', ') }))
    onBrought()
  }
  return (
    <FormDialog title={t('certificate.bring')} act={t('certificate.bring')} onClose={onClose} onAct={bring}>
      <p>{t('certificate.bring.text')}</p>
      <PemFields value={pem} onChange={setPem} />
    </FormDialog>
  )
}

const CHALLENGES = {
  '': 'acme.any.help', 'http-01': 'acme.http.help', 'tls-alpn-01': 'acme.alpn.help', 'dns-01': 'acme.dns.help',
} as const

function AcmeForm({ acme, onSaved }: { acme: Acme, onSaved: () => void }) {
  const [enabled, setEnabled] = useState(acme.enabled)
  const [email, setEmail] = useState(acme.email)
  const [directory, setDirectory] = useState(acme.directory)
  const [challenge, setChallenge] = useState(acme.challenge)
  const [dns, setDns] = useState({ ...acme.dns, key_secret: '' })
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
  const [bringing, setBringing] = useState(false)
  const [leaving, setLeaving] = useState<Certificate | null>(null)
  async function remove(c: Certificate) {
    await call('DELETE', `/certificates/${part(c.id)}`)
    say(t('certificate.removed'))
    list.reload()
  }
  const renew = () => void renewing.run(async () => {
    await call('POST', '/certificates/renew')
    say(t('certificate.renewing'))
    list.reload()
  })
  return (
    <Page title={t('nav.certificates')} intro={t('certificates.intro')}
      actions={<>
        <Button icon="refresh" busy={renewing.busy} onPress={renew}>{t('certificate.renew')}</Button>
        <Button kind="main" icon="plus" onPress={() => setBringing(true)}>{t('certificate.bring')}</Button>
      </>}>
      <Failure text={renewing.error} />
      <Await of={list}>{(found) => <>{found.items.map((c) => <One key={`${c.id} ${c.state}`} c={c} onRemove={() => setLeaving(c)} />)}</>}</Await>
      <Card title={t('acme.title')}>
        <Await of={acme}>{(a) => <AcmeForm acme={a} onSaved={acme.reload} />}</Await>
      </Card>
      {bringing && <Bring onClose={() => setBringing(false)} onBrought={list.reload} />}
      {leaving && (
        <FormDialog title={t('certificate.remove')} act={t('certificate.remove')} danger onClose={() => setLeaving(null)} onAct={() => remove(leaving)}>
          <p>{t('certificate.remove.text', { name: leaving.names[0] ?? leaving.id })}</p>
        </FormDialog>
      )}
    </Page>
  )
}
