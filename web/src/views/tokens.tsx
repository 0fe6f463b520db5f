// views/tokens.tsx: keys with which programs use the API.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Token } from '../api/types'
import { useList } from '../state/load'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { CopyBox } from '../ui/copy'
import { Dialog, FormDialog } from '../ui/dialog'
import { CheckField, TextField } from '../ui/field'
import { Ago } from '../ui/format'
import { Notice } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'

const SCOPES = ['self:read', 'self:write', 'send', 'mail', 'metrics:read', 'admin:read', 'admin:write']

/** The end of a day that was chosen, as the API has times; null for none. */
export function endOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59`).toISOString()
}

export function Scopes(p: { all: string[], chosen: string[], onChange: (s: string[]) => void, words: string }) {
  return (
    <fieldset>
      <legend>{t('token.scopes')}</legend>
      {p.all.map((s) => (
        <CheckField key={s} label={tOr(`${p.words}.${s}`, s)} checked={p.chosen.includes(s)}
          onInput={(on) => p.onChange(on ? [...p.chosen, s] : p.chosen.filter((c) => c !== s))} />
      ))}
    </fieldset>
  )
}

function AddToken({ onClose, onAdded }: { onClose: () => void, onAdded: (token: Token) => void }) {
  const [label, setLabel] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [expires, setExpires] = useState('')
  async function add() {
    const day = endOf(expires)
    onAdded(await call<Token>('POST', '/tokens', { label: label.trim(), scopes, ...(day ? { expires: day } : {}) }))
  }
  return (
    <FormDialog title={t('token.add')} act={t('token.add')} ready={scopes.length > 0} onClose={onClose} onAct={add}>
      <TextField label={t('token.label')} help={t('token.label.help')} value={label} onInput={setLabel} required autofocus />
      <Scopes all={SCOPES} chosen={scopes} onChange={setScopes} words="token.scope" />
      <TextField label={t('token.expires')} help={t('token.expires.help')} type="date" value={expires} onInput={setExpires} />
    </FormDialog>
  )
}

export function TokensPage() {
  const list = useList<Token>('/tokens')
  const [adding, setAdding] = useState(false)
  const [fresh, setFresh] = useState<Token | null>(null)
  const [leaving, setLeaving] = useState<Token | null>(null)
  async function remove(token: Token) {
    await call('DELETE', `/tokens/${part(token.id)}`)
    say(t('token.removed', { label: token.label }))
    list.reload()
  }
  return (
    <Page title={t('nav.tokens')} intro={t('tokens.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('token.add')}</Button>}>
      <Card>
        <ListTable label={t('nav.tokens')} list={list} id={(k) => k.id} icon="key" empty={t('tokens.empty')}
          columns={[
            { title: t('token.label'), cell: (k) => <strong>{k.label}</strong> },
            { title: t('token.scopes'), cell: (k) => k.scopes.map((s) => tOr(`token.scope.${s}`, s)).join(', ') },
            { title: t('token.expires'), cell: (k) => <Ago time={k.expires} />, end: true },
            { title: t('token.used'), cell: (k) => <Ago time={k.last_used} />, end: true },
            {
              title: t('act'), end: true, cell: (k) => (
                <Button kind="quiet" onPress={() => setLeaving(k)}>{t('remove')}<span class="unseen"> {k.label}</span></Button>
              ),
            },
          ]} />
      </Card>
      {adding && <AddToken onClose={() => setAdding(false)} onAdded={(k) => { setFresh(k); list.reload() }} />}
      {leaving && (
        <FormDialog title={t('token.remove')} act={t('token.remove')} danger onClose={() => setLeaving(null)} onAct={() => remove(leaving)}>
          <p>{t('token.remove.text', { label: leaving.label })}</p>
        </FormDialog>
      )}
      {fresh?.token && (
        <Dialog title={fresh.label} onClose={() => setFresh(null)}>
          <Notice state="warn">{t('once')}</Notice>
          <CopyBox text={fresh.token} what={t('token.label')} />
        </Dialog>
      )}
    </Page>
  )
}
