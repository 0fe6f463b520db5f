// views/me/app_passwords.tsx: a password for each mail program, so that one can be taken away.
import { useState } from 'preact/hooks'
import { call, part } from '../../api/client'
import type { AppPassword } from '../../api/types'
import { useAction, useList } from '../../state/load'
import { t, tOr } from '../../text/t'
import { Button } from '../../ui/button'
import { CopyBox } from '../../ui/copy'
import { Dialog, FormDialog } from '../../ui/dialog'
import { TextField } from '../../ui/field'
import { Ago } from '../../ui/format'
import { Failure, Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ListTable } from '../../ui/table'
import { endOf, Scopes } from '../tokens'

const SCOPES = ['imap', 'smtp']

function Add({ onClose, onAdded }: { onClose: () => void, onAdded: (p: AppPassword) => void }) {
  const [label, setLabel] = useState('')
  const [expires, setExpires] = useState('')
  const [scopes, setScopes] = useState(SCOPES)
  async function add() {
    const day = endOf(expires)
    onAdded(await call<AppPassword>('POST', '/me/app-passwords',
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
  const list = useList<AppPassword>('/me/app-passwords')
  const [adding, setAdding] = useState(false)
  const [fresh, setFresh] = useState<AppPassword | null>(null)
  const action = useAction()
  const remove = (p: AppPassword) => void action.run(async () => {
    await call('DELETE', `/me/app-passwords/${part(p.id)}`)
    list.reload()
  })
  return (
    <Page title={t('nav.app_passwords')} intro={t('app.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('app.add')}</Button>}>
      <Failure text={action.error} />
      <Card>
        <ListTable label={t('nav.app_passwords')} list={list} id={(p) => p.id} icon="lock" empty={t('app.empty')}
          columns={[
            { title: t('app.label'), cell: (p) => <strong>{p.label}</strong> },
            { title: t('token.scopes'), cell: (p) => p.scopes.map((s) => tOr(`app.scope.${s}`, s)).join(', ') },
            { title: t('token.expires'), cell: (p) => <Ago time={p.expires} />, end: true },
            { title: t('token.used'), cell: (p) => <Ago time={p.last_used} />, end: true },
            {
              title: t('act'), end: true, cell: (p) => (
                <Button kind="quiet" onPress={() => remove(p)}>{t('remove')}<span class="unseen"> {p.label}</span></Button>
              ),
            },
          ]} />
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
