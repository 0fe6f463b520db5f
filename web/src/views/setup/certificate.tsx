// views/setup/certificate.tsx: step 4: what proves to others that this server is itself.
import { useEffect, useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { Check, Checks as Found } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { t } from '../../text/t'
import { DnsUpdateFields, type DnsUpdate } from '../../ui/acme_dns'
import { Button } from '../../ui/button'
import { Checks } from '../../ui/checks'
import { CheckField, Form, RadioCards, SelectField, TextField } from '../../ui/field'
import { Await, Failure, Waiting } from '../../ui/notice'
import { PemFields } from '../../ui/pem'
import type { StepProps } from './wizard'

const LOOK_MS = 1000
const PATIENCE_MS = 60000 // an authority that takes longer is looked at in the console

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

/** Until the authority has given a certificate or said why not. */
async function outcome(): Promise<Check> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    await sleep(LOOK_MS)
    const found = await get<Check>('/setup/certificate')
    if (found.state !== 'unknown' || Date.now() > until) return found
  }
}

interface Asked { email: string, challenge: string, chosen: boolean, terms: boolean, dns: DnsUpdate, hook: string }

const CHALLENGES = { 'http-01': 'acme.http.help', 'tls-alpn-01': 'acme.alpn.help', 'dns-01': 'acme.dns.help' } as const
type Challenge = keyof typeof CHALLENGES
const NAMES = Object.keys(CHALLENGES) as Challenge[]

/** The first that works; else the first that is not known to fail. */
function bestOf(checks: Check[]): Challenge {
  const stateOf = (name: Challenge) => checks.find((c) => c.id === name)?.state
  return NAMES.find((n) => stateOf(n) === 'ok') ?? NAMES.find((n) => stateOf(n) !== 'fail') ?? 'http-01'
}

function labelOf(name: Challenge, checks: Check[] | undefined): string {
  const state = checks?.find((c) => c.id === name)?.state
  return state === 'ok' ? t('acme.challenge.works', { name }) : state === 'fail' ? t('acme.challenge.fails', { name }) : name
}

/** onChange is given how the newest value changes: a choice made while the checks arrive is kept. */
function AcmeFields({ value, onChange }: { value: Asked, onChange: (change: (now: Asked) => Asked) => void }) {
  const set = (part: Partial<Asked>) => onChange((now) => ({ ...now, ...part }))
  const found = useLoad((signal) => get<Found>('/setup/challenges', signal), [])
  useEffect(() => {
    const checks = found.data?.checks
    if (checks) onChange((now) => now.chosen ? now : { ...now, challenge: bestOf(checks) })
  }, [found.data])
  return (
    <div class="indented">
      <TextField label={t('acme.email')} help={t('acme.email.help')} value={value.email} onInput={(email) => set({ email })} inputmode="email" />
      <SelectField label={t('acme.challenge')} value={value.challenge} onInput={(challenge) => set({ challenge, chosen: true })}
        help={t(CHALLENGES[value.challenge as Challenge])}
        choices={NAMES.map((c) => ({ value: c, label: labelOf(c, found.data?.checks) }))} />
      <Await of={found} text={t('setup.acme.looking')}>{(f) => <Checks checks={f.checks} />}</Await>
      {value.challenge === 'dns-01' && <DnsUpdateFields value={value.dns} onChange={(dns) => set({ dns })} hook={value.hook} onHook={(hook) => set({ hook })} />}
      <CheckField label={t('setup.terms')} checked={value.terms} onInput={(terms) => set({ terms })} />
    </div>
  )
}

/** What of it the server is told. */
function bodyOf({ email, challenge, terms, dns, hook }: Asked) {
  return { mode: 'acme', email: email.trim(), challenge, terms, ...(challenge === 'dns-01' ? { dns, hook: hook.trim() } : {}) }
}

export function StepCertificate({ known, onDone }: StepProps) {
  const [mode, setMode] = useState(known.certificate ?? 'acme')
  const [acme, setAcme] = useState<Asked>({
    email: known.acme?.email || known.owner || '', challenge: known.acme?.challenge || 'http-01',
    chosen: Boolean(known.acme?.challenge), terms: known.certificate === 'acme',
    dns: { server: '', key_name: '', ...known.acme?.dns, key_secret: '' }, hook: known.acme?.hook ?? '' })
  const [pem, setPem] = useState({ chain: '', key: '' })
  const [found, setFound] = useState<Check | null>(null)
  const action = useAction()
  const going = useAction()
  const save = () => void action.run(async () => {
    setFound(null)
    await call('PUT', '/setup/certificate', mode === 'acme' ? bodyOf(acme)
      : mode === 'files' && pem.chain + pem.key !== '' ? { mode, ...pem } : { mode })
    setPem({ chain: '', key: '' })
    const end = mode === 'acme' ? await outcome() : null
    if (end === null || end.state === 'ok') await onDone()
    else setFound(end)
  })
  const choose = (chosen: string) => {
    setMode(chosen)
    setFound(null)
  }
  return (
    <Form onSubmit={save}>
      <p>{t('setup.certificate.text')}</p>
      <RadioCards legend={t('setup.certificate')} name="certificate" value={mode} onInput={choose} choices={[
        { value: 'acme', label: t('certificate.source.acme'), help: t('setup.acme.help') },
        { value: 'files', label: t('setup.own'), help: t('setup.files.help') },
        { value: 'self', label: t('setup.self'), help: t('setup.self.help') },
      ]} />
      {mode === 'acme' && <AcmeFields value={acme} onChange={setAcme} />}
      {mode === 'files' && <PemFields value={pem} onChange={setPem} />}
      {mode === 'acme' && action.busy && <Waiting text={t('setup.acme.asking')} />}
      <Failure text={action.error} />
      {found && <Checks checks={[found]} />}
      <div class="form-end">
        <Button submit kind={found ? 'plain' : 'main'} busy={action.busy} disabled={mode === 'acme' && !acme.terms}>{found ? t('setup.try_again') : t('setup.next')}</Button>
        {found && <Button kind="main" busy={going.busy} onPress={() => void going.run(onDone)}>{t('setup.next')}</Button>}
      </div>
    </Form>
  )
}
