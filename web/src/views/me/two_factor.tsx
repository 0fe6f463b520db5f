// views/me/two_factor.tsx: a code from a phone beside the password.
import { useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { Account, Session, TotpRecovery, TotpSecret } from '../../api/types'
import { useAction, useLoad, type Action } from '../../state/load'
import { setSession } from '../../state/session'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { CopyBox } from '../../ui/copy'
import { Form, TextField } from '../../ui/field'
import { Await, Failure, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { QrCode } from '../../ui/qr'

function Confirm({ totp, onOn }: { totp: TotpSecret, onOn: (codes: string[]) => void }) {
  const [code, setCode] = useState('')
  const action = useAction()
  const turnOn = () => void action.run(async () => {
    onOn((await call<TotpRecovery>('PUT', '/me/totp', { code: code.trim() })).recovery_codes)
  })
  return (
    <Card title={t('totp.scan')}>
      <p>{t('totp.scan.text')}</p>
      {totp.qr && <QrCode svg={totp.qr} label={t('totp.qr')} />}
      <CopyBox text={totp.secret} what={t('totp.secret')} />
      <Form onSubmit={turnOn} class="form inline">
        <TextField label={t('login.code')} value={code} onInput={setCode} inputmode="numeric"
          autocomplete="one-time-code" required mono />
        <Button submit kind="main" busy={action.busy}>{t('totp.turn_on')}</Button>
        <Failure text={action.error} />
      </Form>
    </Card>
  )
}

function Recovery({ codes }: { codes: string[] }) {
  return (
    <Card title={t('totp.recovery')}>
      <Notice state="warn">{t('totp.recovery.text')}</Notice>
      <ul class="codes">{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
      <CopyBox text={codes.join(' ')} what={t('totp.recovery')} />
    </Card>
  )
}

const FEW = 3

/** How many recovery codes are unused; new ones come with a new beginning. */
function Left() {
  const me = useLoad((signal) => get<Account>('/me', signal), [])
  return (
    <Await of={me}>
      {({ recovery_left: n }) => (
        <Notice state={n < FEW ? 'warn' : 'ok'}>
          <p>{t('totp.left', { n })}</p>
          {n < FEW && <p>{t('totp.left.few')}</p>}
        </Notice>
      )}
    </Await>
  )
}

function TurnOff({ action, onOff }: { action: Action, onOff: () => void }) {
  const [password, setPassword] = useState('')
  const turnOff = () => void action.run(async () => {
    await call('DELETE', '/me/totp', { password })
    say(t('totp.is_off'))
    onOff()
  })
  return (
    <Card title={t('totp.turn_off')}>
      <Form onSubmit={turnOff} class="form inline">
        <TextField label={t('login.password')} type="password" value={password} onInput={setPassword}
          autocomplete="current-password" required />
        <Button submit kind="danger" busy={action.busy}>{t('totp.turn_off')}</Button>
        <Failure text={action.error} />
      </Form>
    </Card>
  )
}

export function TwoFactorPage() {
  const who = useLoad((signal) => get<Session>('/session', signal), [])
  const [totp, setTotp] = useState<TotpSecret | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const starting = useAction()
  const stopping = useAction()
  const start = () => void starting.run(async () => setTotp(await call<TotpSecret>('POST', '/me/totp')))
  const changed = async () => {
    setTotp(null)
    setSession(await get<Session>('/session'))
    who.reload()
  }
  return (
    <Page title={t('nav.two_factor')} intro={t('totp.intro')}>
      <Await of={who}>
        {(s) => s.totp ? (
          <>
            <Notice state="ok">{t('totp.is_on')}</Notice>
            {codes ? <Recovery codes={codes} /> : <Left />}
            <TurnOff action={stopping} onOff={() => { setCodes(null); void changed() }} />
          </>
        ) : totp ? <Confirm totp={totp} onOn={(found) => { setCodes(found); void changed() }} /> : (
          <Card>
            <p>{t('totp.text')}</p>
            <Failure text={starting.error} />
            <Button kind="main" icon="shield" busy={starting.busy} onPress={start}>{t('totp.start')}</Button>
          </Card>
        )}
      </Await>
    </Page>
  )
}
