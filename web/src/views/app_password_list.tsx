// views/app_password_list.tsx: the app passwords of an account, for its user and for who looks
// after it; either may end one.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { AppPassword } from '../api/types'
import type { Listed } from '../state/load'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { Ago } from '../ui/format'
import { ListTable } from '../ui/table'

/** path: where the API has them. */
export function AppPasswordList({ list, path }: { list: Listed<AppPassword>, path: string }) {
  const [leaving, setLeaving] = useState<AppPassword | null>(null)
  async function remove(p: AppPassword) {
    await call('DELETE', `${path}/${part(p.id)}`)
    say(t('app.removed', { label: p.label }))
    list.reload()
  }
  return (
    <>
      <ListTable label={t('nav.app_passwords')} list={list} id={(p) => p.id} icon="lock" empty={t('app.empty')}
        columns={[
          { title: t('app.label'), cell: (p) => <strong>{p.label}</strong> },
          { title: t('token.scopes'), cell: (p) => p.scopes.map((s) => tOr(`app.scope.${s}`, s)).join(', ') },
          { title: t('token.expires'), cell: (p) => <Ago time={p.expires} />, end: true },
          { title: t('token.used'), cell: (p) => <Ago time={p.last_used} />, end: true },
          {
            title: t('act'), end: true, cell: (p) => (
              <Button kind="quiet" onPress={() => setLeaving(p)}>{t('remove')}<span class="unseen"> {p.label}</span></Button>
            ),
          },
        ]} />
      {leaving && (
        <FormDialog title={t('app.remove')} act={t('app.remove')} danger onClose={() => setLeaving(null)} onAct={() => remove(leaving)}>
          <p>{t('app.remove.text', { label: leaving.label })}</p>
        </FormDialog>
      )}
    </>
  )
}
