// views/account.tsx: one account, as its administrator sees it.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call, get, part } from '../api/client'
import type { Account, Role } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { navigate } from '../state/route'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, Form, SelectField, TextField } from '../ui/field'
import { Ago, bytes, count, date } from '../ui/format'
import { Await, Failure } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import { PasswordField } from '../ui/password'
import { GIB, roleChoices } from './accounts'
import type { Parameters } from './pages'

function Edit({ account, onSaved }: { account: Account, onSaved: () => void }) {
  const [name, setName] = useState(account.name)
  const [role, setRole] = useState<Role>(account.role)
  const [domains, setDomains] = useState(account.domains.join(' '))
  const [quota, setQuota] = useState(account.quota_bytes > 0 ? String(account.quota_bytes / GIB) : '')
  const [enabled, setEnabled] = useState(account.enabled)
  const action = useAction()
  async function save() {
    await call('PUT', `/accounts/${part(account.address)}`, {
      name: name.trim(), role, enabled, quota_bytes: Math.round(Number(quota || 0) * GIB),
      ...(role === 'admin' ? { domains: domains.split(/[\s,]+/).filter(Boolean) } : {}),
    })
    say(t('saved'))
    onSaved()
  }
  return (
    <Form onSubmit={() => void action.run(save)}>
      <TextField label={t('account.name')} value={name} onInput={setName} />
      <SelectField label={t('account.role')} value={role} choices={roleChoices()} onInput={(v) => setRole(v as Role)} />
      {role === 'admin' && <TextField label={t('account.domains')} help={t('account.domains.help')} value={domains} onInput={setDomains} />}
      <TextField label={t('account.quota')} help={t('account.quota.help')} type="number" value={quota} onInput={setQuota} />
      <CheckField label={t('account.enabled')} help={t('account.enabled.help')} checked={enabled} onInput={setEnabled} />
      <Failure text={action.error} />
      <div class="form-end"><Button submit kind="main" busy={action.busy}>{t('save')}</Button></div>
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

function facts(a: Account): [string, ComponentChildren][] {
  return [
    [t('account.messages'), count(a.messages)],
    [t('account.used'), bytes(a.used_bytes)],
    [t('account.last_login'), <Ago time={a.last_login} />],
    [t('made'), date(a.created)],
  ]
}

export function AccountPage({ parameters }: { parameters: Parameters }) {
  const address = parameters.address ?? ''
  const account = useLoad((signal) => get<Account>(`/accounts/${part(address)}`, signal), [address])
  const [dialog, setDialog] = useState<'password' | 'remove' | null>(null)
  const close = () => setDialog(null)
  return (
    <Page title={address} back={{ to: '/accounts', label: t('nav.accounts') }} actions={
      <>
        <Button icon="key" onPress={() => setDialog('password')}>{t('password.new')}</Button>
        <Button onPress={() => setDialog('remove')}>{t('account.remove')}</Button>
      </>
    }>
      <Await of={account}>
        {(a) => (
          <>
            <Card><Facts rows={facts(a)} /></Card>
            <Card title={t('account.edit')}><Edit key={a.id} account={a} onSaved={account.reload} /></Card>
          </>
        )}
      </Await>
      {dialog === 'password' && <NewPassword address={address} onClose={close} />}
      {dialog === 'remove' && <Remove address={address} onClose={close} />}
    </Page>
  )
}
