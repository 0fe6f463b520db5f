// views/me/passkeys.tsx: logging in with a phone, a computer or a stick instead of a password.
import { useState } from 'preact/hooks'
import { addPasskey, passkeysWork } from '../../api/passkey'
import type { Passkey } from '../../api/types'
import { useList } from '../../state/load'
import { say } from '../../state/toast'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/dialog'
import { TextField } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { PasskeyList } from '../passkey_list'

const PATH = '/me/passkeys'

function Add({ first, onClose, onAdded }: { first: boolean, onClose: () => void, onAdded: () => void }) {
  const [label, setLabel] = useState('')
  async function add() {
    const made = await addPasskey(label.trim())
    say(t('passkey.added', { label: made.label }))
    onAdded()
  }
  return (
    <FormDialog title={t('passkey.add')} act={t('passkey.make')} onClose={onClose} onAct={add}>
      {first && <Notice state="warn">{t('passkey.first')}</Notice>}
      <TextField label={t('app.label')} help={t('passkey.label.help')} value={label} onInput={setLabel} required autofocus />
      <p class="soft small">{t('passkey.how')}</p>
    </FormDialog>
  )
}

export function PasskeysPage() {
  const list = useList<Passkey>(PATH)
  const [adding, setAdding] = useState(false)
  const works = passkeysWork()
  return (
    <Page title={t('nav.passkeys')} intro={t('passkey.intro')}
      actions={works && <Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('passkey.add')}</Button>}>
      {!works && <Notice state="warn">{window.isSecureContext ? t('passkey.unknown') : t('passkey.insecure')}</Notice>}
      {list.data?.length === 1 && <Notice state="warn">{t('passkey.only_one')}</Notice>}
      <Card><PasskeyList list={list} path={PATH} /></Card>
      {adding && <Add first={list.data?.length === 0} onClose={() => setAdding(false)} onAdded={list.reload} />}
    </Page>
  )
}
