// views/account.tsx: one account, as its administrator sees it.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call, get, part } from '../api/client'
import type { Account, AppPassword, Passkey, Role } from '../api/types'
import { useAction, useList, useLoad } from '../state/load'
import { navigate } from '../state/route'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, LinkButton } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, Form, SelectField, TextField } from '../ui/field'
import { Ago, bytes, count, date } from '../ui/format'
import { Await, Failure } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { PasswordField } from '../ui/password'
import { Pop3Field } from '../ui/pop3'
import { QuotaField } from '../ui/quota'
import { roleChoices } from './accounts'
import { AppPasswordList } from './app_password_list'
import { PasskeyList } from './passkey_list'
import { Logins } from './logins'
import type { Parameters } from './pages'

function Edit({ account, onSaved }: { account: Account, onSaved: () => void }) {
  const [name, setName] = useState(account.name)
  const [role, setRole] = useState<Role>(account.role)
  const [domains, setDomains] = useState(account.domains.join(' '))
  const [quota, setQuota] = useState(account.quota_bytes)
  const [logins, setLogins] = useState(account.logins)
  const [mail, setMail] = useState(account.mail)
  const [pop3, setPop3] = useState(account.pop3)
  const action = useAction()
  async function save() {
    await call('PUT', `/accounts/${part(account.address)}`, {
      name: name.trim(), logins, mail, pop3, quota_bytes: quota,
      ...(mayBe('owner') ? { role } : {}),
      ...(mayBe('owner') && role === 'admin' ? { domains: domains.split(/[\s,]+/).filter(Boolean) } : {}),
    })
    say(t('saved'))
    onSaved()
  }
  return (
    <Form onSubmit={() => void action.run(save)}>
      <TextField label={t('account.name')} value={name} onInput={setName} />
      {mayBe('owner') && <SelectField label={t('account.role')} value={role} choices={roleChoices()} onInput={(v) => setRole(v as Role)} />}
      {mayBe('owner') && role === 'admin' && <TextField label={t('account.domains')} help={t('account.domains.help')} value={domains} onInput={setDomains} />}
      <QuotaField value={quota} onInput={setQuota} />
      <CheckField label={t('account.logins')} help={t('account.logins.help')} checked={logins} onInput={setLogins} />
      <CheckField label={t('account.mail')} help={t('account.mail.help')} checked={mail} onInput={setMail} />
      <Pop3Field value={pop3} onInput={setPop3} />
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy} disabled={Number.isNaN(quota)}>{t('save')}</Button></div>
    </Form>
  )
}

function NewPassword({ address, onClose }: { address: string, onClose: () => void }) {
  const [password, setPassword] = useState('')
  async function change() {
    await call('PUT', `/accounts/${part(address)}/password`, { password })
    say(t('password.changed'))
  }
  return (
    <FormDialog title={t('password.new')} act={t('password.change')} onClose={onClose} onAct={change}>
      <p>{t('account.password.text', { address })}</p>
      <PasswordField label={t('password.new')} value={password} onInput={setPassword} suggest />
    </FormDialog>
  )
}

function Remove({ address, onClose }: { address: string, onClose: () => void }) {
  async function remove() {
    await call('DELETE', `/accounts/${part(address)}`)
    say(t('account.removed', { address }))
    navigate('/accounts')
  }
  return (
    <FormDialog title={t('account.remove')} act={t('account.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('account.remove.text', { address })}</p>
    </FormDialog>
  )
}

/** For who has lost the device: without it nobody but an administrator can help. */
function FactorOff({ address, onClose, onDone }: { address: string, onClose: () => void, onDone: () => void }) {
  async function turnOff() {
    await call('DELETE', `/accounts/${part(address)}/totp`)
    say(t('account.totp_is_off', { address }))
    onDone()
  }
  return (
    <FormDialog title={t('account.totp_off')} act={t('totp.turn_off')} danger onClose={onClose} onAct={turnOff}>
      <p>{t('account.totp_off.text', { address })}</p>
    </FormDialog>
  )
}

function facts(a: Account): [string, ComponentChildren][] {
  return [
    [t('account.messages'), count(a.messages)],
    [t('account.used'), a.quota_bytes > 0 ? t('account.used_of', { used: bytes(a.used_bytes), all: bytes(a.quota_bytes) }) : bytes(a.used_bytes)],
    [t('account.last_login'), <Ago time={a.last_login} />],
    [t('made'), date(a.created)],
    [t('nav.two_factor'), a.totp ? t('account.totp_on', { n: a.recovery_left }) : t('account.totp_none')],
  ]
}

export function AccountPage({ parameters }: { parameters: Parameters }) {
  const address = parameters.address ?? ''
  const account = useLoad((signal) => get<Account>(`/accounts/${part(address)}`, signal), [address])
  const [dialog, setDialog] = useState<'password' | 'factor' | 'remove' | null>(null)
  const passwordsPath = `/accounts/${part(address)}/app-passwords`
  const passwords = useList<AppPassword>(passwordsPath)
  const passkeysPath = `/accounts/${part(address)}/passkeys`
  const passkeys = useList<Passkey>(passkeysPath)
  const close = () => setDialog(null)
  return (
    <Page title={address} back={{ to: '/accounts', label: t('nav.accounts') }} actions={
      <>
        <LinkButton icon="down" to={`/accounts/${part(address)}/imports`}>{t('nav.imports')}</LinkButton>
        <Button icon="key" onPress={() => setDialog('password')}>{t('password.new')}</Button>
        {account.data?.totp && <Button icon="shield" onPress={() => setDialog('factor')}>{t('account.totp_off')}</Button>}
        <Button onPress={() => setDialog('remove')}>{t('account.remove')}</Button>
      </>
    }>
      <Await of={account}>
        {(a) => (
          <>
            <Card><Facts rows={facts(a)} /></Card>
            <Card title={t('account.edit')}><Edit key={a.id} account={a} onSaved={account.reload} /></Card>
            <Card title={t('nav.app_passwords')}><AppPasswordList list={passwords} path={passwordsPath} /></Card>
            {a.passkeys > 0 && <Card title={t('nav.passkeys')}><PasskeyList list={passkeys} path={passkeysPath} onChanged={account.reload} /></Card>}
            <Card title={t('me.logins')}><Logins path={`/accounts/${part(address)}/logins`} /></Card>
          </>
        )}
      </Await>
      {dialog === 'password' && <NewPassword address={address} onClose={close} />}
      {dialog === 'factor' && <FactorOff address={address} onClose={close} onDone={account.reload} />}
      {dialog === 'remove' && <Remove address={address} onClose={close} />}
    </Page>
  )
}
