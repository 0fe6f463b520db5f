// views/me/app_passwords.tsx: a password for each mail program, so that one can be taken away.
import { useState } from 'preact/hooks'
import { call } from '../../api/client'
import type { AppPassword } from '../../api/types'
import { useList } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { CopyBox } from '../../ui/copy'
import { Dialog, FormDialog } from '../../ui/dialog'
import { TextField } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { AppPasswordList } from '../app_password_list'
import { endOf, Scopes } from '../tokens'

const PATH = '/me/app-passwords'
const SCOPES = ['imap', 'pop3', 'sieve', 'smtp']

function Add({ onClose, onAdded }: { onClose: () => void, onAdded: (p: AppPassword) => void }) {
  const [label, setLabel] = useState('')
  const [expires, setExpires] = useState('')
  const [scopes, setScopes] = useState(SCOPES)
  async function add() {
    const day = endOf(expires)
    onAdded(await call<AppPassword>('POST', PATH,
      { label: label.trim(), scopes, ...(day ? { expires: day } : {}) }))
  }
  return (
    <FormDialog title={t('app.add')} act={t('app.add')} onClose={onClose} onAct={add}>
      <TextField label={t('app.label')} help={t('app.label.help')} value={label} onInput={setLabel} required autofocus />
      <Scopes all={SCOPES} chosen={scopes} onChange={setScopes} words="app.scope" />
      <TextField label={t('token.expires')} help={t('token.expires.help')} type="date" value={expires} onInput={setExpires} />
    </FormDialog>
  )
}

export function AppPasswordsPage() {
  const list = useList<AppPassword>(PATH)
  const [adding, setAdding] = useState(false)
  const [fresh, setFresh] = useState<AppPassword | null>(null)
  return (
    <Page title={t('nav.app_passwords')} intro={t('app.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('app.add')}</Button>}>
      <Card>
        <AppPasswordList list={list} path={PATH} />
      </Card>
      {adding && <Add onClose={() => setAdding(false)} onAdded={(p) => { setFresh(p); list.reload() }} />}
      {fresh?.password && (
        <Dialog title={fresh.label} onClose={() => setFresh(null)}>
          <Notice state="warn">{t('once')}</Notice>
          <CopyBox text={fresh.password} what={t('login.password')} />
        </Dialog>
      )}
    </Page>
  )
}
