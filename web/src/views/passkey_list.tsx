// views/passkey_list.tsx: the passkeys of an account, for itself and for who administers it.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Passkey } from '../api/types'
import type { Listed } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { Ago } from '../ui/format'
import { ListTable } from '../ui/table'

function Remove({ passkey, path, onClose, onDone }: {
  passkey: Passkey, path: string, onClose: () => void, onDone: () => void
}) {
  async function remove() {
    await call('DELETE', `${path}/${part(passkey.id)}`)
    say(t('passkey.removed', { label: passkey.label }))
    onDone()
  }
  return (
    <FormDialog title={t('passkey.remove')} act={t('remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('passkey.remove.text', { label: passkey.label })}</p>
    </FormDialog>
  )
}

/** path: where the API has the list. onChanged: one was removed. */
export function PasskeyList({ list, path, onChanged }: {
  list: Listed<Passkey>, path: string, onChanged?: () => void
}) {
  const [removing, setRemoving] = useState<Passkey | null>(null)
  return (
    <>
      <ListTable label={t('nav.passkeys')} list={list} id={(p) => p.id} icon="key" empty={t('passkey.empty')}
        columns={[
          { title: t('app.label'), cell: (p) => <span class="two-lines"><strong>{p.label}</strong><small>{p.site}</small></span> },
          { title: t('made'), cell: (p) => <Ago time={p.created} />, end: true },
          { title: t('token.used'), cell: (p) => <Ago time={p.last_used} />, end: true },
          {
            title: t('act'), end: true, cell: (p) => (
              <Button kind="quiet" onPress={() => setRemoving(p)}>{t('remove')}<span class="unseen"> {p.label}</span></Button>
            ),
          },
        ]} />
      {removing && <Remove passkey={removing} path={path} onClose={() => setRemoving(null)}
        onDone={() => { list.reload(); onChanged?.() }} />}
    </>
  )
}
