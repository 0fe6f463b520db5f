// views/accounts.tsx: who has mail here.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Account, Role } from '../api/types'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { SelectField, TextField } from '../ui/field'
import { Ago, bytes, count } from '../ui/format'
import { Badge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { PasswordField } from '../ui/password'
import { QuotaField } from '../ui/quota'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

export function roleChoices() {
  const roles: Role[] = mayBe('owner') ? ['user', 'admin', 'owner'] : ['user']
  return roles.map((value) => ({ value, label: t(`role.${value}`) }))
}

function AddAccount({ onClose, onAdded }: { onClose: () => void, onAdded: () => void }) {
  const [address, setAddress] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('user')
  const [quota, setQuota] = useState(0)
  async function add() {
    await call('POST', '/accounts', {
      address: address.trim(), name: name.trim(), password, role,
      quota_bytes: quota,
    })
    say(t('account.added', { address: address.trim() }))
    onAdded()
  }
  return (
    <FormDialog title={t('account.add')} act={t('account.add')} ready={!Number.isNaN(quota)} onClose={onClose} onAct={add}>
      <TextField label={t('account.address')} value={address} onInput={setAddress} inputmode="email"
        placeholder="anna@example.org" required autofocus />
      <TextField label={t('account.name')} value={name} onInput={setName} />
      <PasswordField label={t('account.password')} value={password} onInput={setPassword} suggest />
      <SelectField label={t('account.role')} value={role} choices={roleChoices()} onInput={(v) => setRole(v as Role)} />
      <QuotaField value={quota} onInput={setQuota} />
    </FormDialog>
  )
}

export function AccountsPage() {
  const [{ q }, set] = useFields(['q'])
  const [adding, setAdding] = useState(false)
  const list = useList<Account>('/accounts', { q })
  return (
    <Page title={t('nav.accounts')} intro={t('accounts.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('account.add')}</Button>}>
      <Card>
        <Search label={t('accounts.search')} value={q} onSearch={(text) => set({ q: text })} />
        <ListTable label={t('nav.accounts')} list={list} id={(a) => a.address} icon="people" empty={t('accounts.empty')}
          columns={[
            {
              title: t('account.address'), cell: (a) => (
                <Link to={`/accounts/${part(a.address)}`} class="two-lines">
                  <strong>{a.address}</strong><small>{a.name}</small>
                </Link>
              ),
            },
            { title: t('account.role'), cell: (a) => a.logins && a.mail ? t(`role.${a.role}`) : <Badge state="fail">{a.logins ? t('account.mail_off') : t('account.off')}</Badge> },
            { title: t('account.messages'), cell: (a) => count(a.messages), end: true },
            {
              title: t('account.used'), end: true,
              cell: (a) => a.quota_bytes > 0 ? t('account.used_of', { used: bytes(a.used_bytes), all: bytes(a.quota_bytes) }) : bytes(a.used_bytes),
            },
            { title: t('account.last_login'), cell: (a) => <Ago time={a.last_login} />, end: true },
          ]} />
      </Card>
      {adding && <AddAccount onClose={() => setAdding(false)} onAdded={list.reload} />}
    </Page>
  )
}
