// views/me/me.tsx: one's own account: name, POP3, password, who has signed in.
import { useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { Account } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Form, TextField } from '../../ui/field'
import { Await, Failure } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { PasswordField } from '../../ui/password'
import { Pop3Field } from '../../ui/pop3'
import { Logins } from '../logins'

function Name({ me }: { me: Account }) {
  const [name, setName] = useState(me.name)
  const action = useAction()
  const save = () => void action.run(async () => {
    await call('PUT', '/me', { name: name.trim() })
    say(t('saved'))
  })
  return (
    <Form onSubmit={save} class="form inline">
      <TextField label={t('account.name')} help={t('me.name.help')} value={name} onInput={setName} autocomplete="name" />
      <Button submit busy={action.busy}>{t('save')}</Button>
      <Failure text={action.error} />
    </Form>
  )
}

function ChangePassword({ address }: { address: string }) {
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const action = useAction()
  const change = () => void action.run(async () => {
    await call('PUT', '/me/password', { old, new: fresh })
    setOld('')
    setFresh('')
    say(t('password.changed'))
  })
  return (
    <Form onSubmit={change}>
      <input class="unseen" type="text" autocomplete="username" value={address} readOnly tabIndex={-1} aria-hidden="true" />
      <TextField label={t('password.old')} type="password" value={old} onInput={setOld} autocomplete="current-password" required />
      <PasswordField label={t('password.new')} value={fresh} onInput={setFresh} suggest />
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('password.change')}</Button></div>
    </Form>
  )
}

function Pop3({ me }: { me: Account }) {
  const [pop3, setPop3] = useState(me.pop3)
  const action = useAction()
  const save = () => void action.run(async () => {
    await call('PUT', '/me', { pop3 })
    say(t('saved'))
  })
  return (
    <Form onSubmit={save} class="form inline">
      <Pop3Field value={pop3} onInput={setPop3} />
      <Button submit busy={action.busy}>{t('save')}</Button>
      <Failure text={action.error} />
    </Form>
  )
}

export function MePage() {
  const me = useLoad((signal) => get<Account>('/me', signal), [])
  return (
    <Page title={t('nav.me')} intro={me.data?.address}>
      <Await of={me}>
        {(m) => (
          <>
            <Card title={t('me.name')}><Name me={m} /></Card>
            <Card title={t('pop3')}><Pop3 me={m} /></Card>
            <Card title={t('password.change')}><ChangePassword address={m.address} /></Card>
          </>
        )}
      </Await>
      <Card title={t('me.logins')}><Logins path="/me/logins" /></Card>
    </Page>
  )
}
