// views/setup/look.tsx: step 3: what the network around lets us do, and the way out for mail.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { Checks as Found, Setup } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Checks } from '../../ui/checks'
import { Form, RadioCards, SelectField, TextField } from '../../ui/field'
import { Await, Failure } from '../../ui/notice'
import type { StepProps } from './wizard'

interface Smarthost { host: string, port: string, tls: string, user: string, password: string }

function SmarthostFields({ value, kept, onChange }: { value: Smarthost, kept: boolean, onChange: (s: Smarthost) => void }) {
  const set = (part: Partial<Smarthost>) => onChange({ ...value, ...part })
  return (
    <div class="indented">
      <TextField label={t('smarthost.host')} value={value.host} onInput={(host) => set({ host })} inputmode="url" required />
      <SelectField label={t('smarthost.tls')} value={value.tls}
        onInput={(tls) => set({ tls, port: tls === 'implicit' ? '465' : '587' })}
        choices={[{ value: 'starttls', label: 'STARTTLS' }, { value: 'implicit', label: 'TLS' }]} />
      <TextField label={t('client.port')} value={value.port} onInput={(port) => set({ port })} inputmode="numeric" required />
      <TextField label={t('client.user')} value={value.user} onInput={(user) => set({ user })} />
      <TextField label={t('login.password')} help={kept ? t('setup.password.kept') : undefined} type="password" value={value.password} onInput={(password) => set({ password })} />
    </div>
  )
}

/** What is set already; else nothing until the check of port 25 has ended. */
function modeOf(known: Setup, found: Found | undefined): string {
  if (known.delivery_done || known.delivery === 'smarthost') return known.delivery ?? 'direct'
  return found?.checks.some((c) => c.id === 'port25' && c.state === 'fail') ? 'smarthost' : 'direct'
}

function smarthostOf(known: Setup): Smarthost {
  const { host = '', port = 587, tls = 'starttls', user = '' } = known.smarthost ?? {}
  return { host, port: String(port), tls, user, password: '' }
}

export function StepLook({ known, onDone }: StepProps) {
  const found = useLoad((signal) => call<Found>('POST', '/setup/look-around', {}, signal), [])
  const [chosen, setMode] = useState('')
  const mode = chosen || modeOf(known, found.data)
  const [smarthost, setSmarthost] = useState<Smarthost>(smarthostOf(known))
  const action = useAction()
  const save = () => void action.run(async () => {
    await call('PUT', '/setup/delivery', mode === 'direct' ? { mode }
      : { mode, smarthost: { ...smarthost, port: Number(smarthost.port) } })
    await onDone()
  })
  return (
    <Form onSubmit={save}>
      <p>{t('setup.look.text')}</p>
      <Await of={found} text={t('setup.looking')}>{(f) => <Checks checks={f.checks} />}</Await>
      <div class="toolbar"><Button icon="refresh" busy={found.busy} onPress={found.reload}>{t('setup.look_again')}</Button></div>
      <RadioCards legend={t('setup.delivery')} name="delivery" value={mode} onInput={setMode} choices={[
        { value: 'direct', label: t('setup.direct'), help: t('setup.direct.help') },
        { value: 'smarthost', label: t('setup.smarthost'), help: t('setup.smarthost.help') },
      ]} />
      {mode === 'smarthost' && <SmarthostFields value={smarthost} kept={known.smarthost?.password_set === true} onChange={setSmarthost} />}
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy}>{mode === 'smarthost' ? t('setup.try_login') : t('setup.next')}</Button></div>
    </Form>
  )
}
