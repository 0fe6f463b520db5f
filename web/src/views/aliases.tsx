// views/aliases.tsx: addresses that lead to others, and lists of people.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Alias, Post } from '../api/types'
import { useList } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, SelectField, TextArea, TextField } from '../ui/field'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

const POSTS = ['anybody', 'domain', 'members'] as const

/** Who may write to a list, or to a group that takes mail. */
export function PostField({ value, onInput }: { value: Post, onInput: (p: Post) => void }) {
  const choices = POSTS.map((post) => ({ value: post, label: t(`alias.post.${post}`) }))
  return <SelectField label={t('alias.post')} value={value} choices={choices} onInput={(v) => onInput(v as Post)} />
}

interface DialogProps { onClose: () => void, onDone: () => void }

function EditAlias({ alias, onClose, onDone }: DialogProps & { alias: Alias | null }) {
  const [address, setAddress] = useState(alias?.address ?? '')
  const [targets, setTargets] = useState(alias?.targets.join('\n') ?? '')
  const [kind, setKind] = useState(alias?.kind ?? 'alias')
  const [post, setPost] = useState(alias?.post || 'anybody')
  const [owner, setOwner] = useState(alias?.owner ?? '')
  const [hidden, setHidden] = useState(alias?.hidden ?? false)
  async function save() {
    const list = kind === 'list' ? { post, owner: owner.trim(), hidden } : {}
    const body = { targets: targets.split(/[\s,]+/).filter(Boolean), kind, ...list }
    if (alias) await call('PUT', `/aliases/${part(alias.address)}`, body)
    else await call('POST', '/aliases', { address: address.trim(), ...body })
    say(t('saved'))
    onDone()
  }
  const title = alias ? alias.address : t('alias.add')
  return (
    <FormDialog title={title} act={alias ? t('save') : t('alias.add')} onClose={onClose} onAct={save}>
      {!alias && <TextField label={t('alias.address')} value={address} onInput={setAddress} inputmode="email"
        placeholder="info@example.org" required autofocus />}
      <SelectField label={t('alias.kind')} help={t(`alias.kind.${kind}.help`)} value={kind}
        choices={[{ value: 'alias', label: t('alias.kind.alias') }, { value: 'list', label: t('alias.kind.list') }]}
        onInput={(v) => setKind(v as Alias['kind'])} />
      {kind === 'list' && (
        <>
          <PostField value={post} onInput={setPost} />
          <TextField label={t('alias.owner')} help={t('alias.owner.help')} value={owner} onInput={setOwner} inputmode="email" />
          <CheckField label={t('alias.hidden')} checked={hidden} onInput={setHidden} />
        </>
      )}
      <TextArea label={t('alias.targets')} help={t('alias.targets.help')} value={targets} onInput={setTargets} />
    </FormDialog>
  )
}

function RemoveAlias({ alias, onClose, onDone }: DialogProps & { alias: Alias }) {
  async function remove() {
    await call('DELETE', `/aliases/${part(alias.address)}`)
    onDone()
  }
  return (
    <FormDialog title={t('alias.remove')} act={t('alias.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('alias.remove.text', { address: alias.address })}</p>
    </FormDialog>
  )
}

export function AliasesPage() {
  const [q, setQ] = useState('')
  const list = useList<Alias>('/aliases', { q })
  const [editing, setEditing] = useState<Alias | null | undefined>(undefined)
  const [removing, setRemoving] = useState<Alias | null>(null)
  return (
    <Page title={t('nav.aliases')} intro={t('aliases.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setEditing(null)}>{t('alias.add')}</Button>}>
      <Card>
        <Search label={t('aliases.search')} value={q} onSearch={setQ} />
        <ListTable label={t('nav.aliases')} list={list} id={(a) => a.address} icon="at" empty={q ? t('aliases.none_fits') : t('aliases.empty')}
          columns={[
            { title: t('alias.address'), cell: (a) => <strong>{a.address}</strong> },
            { title: t('alias.kind'), cell: (a) => t(`alias.kind.${a.kind}`) },
            { title: t('alias.targets'), cell: (a) => a.targets.join(', ') },
            { title: t('alias.post'), cell: (a) => t(`alias.post.${a.post}`) },
            {
              title: t('act'), end: true, cell: (a) => (
                <>
                  <Button kind="quiet" onPress={() => setEditing(a)}>{t('edit')}<span class="unseen"> {a.address}</span></Button>
                  <Button kind="quiet" onPress={() => setRemoving(a)}>{t('remove')}<span class="unseen"> {a.address}</span></Button>
                </>
              ),
            },
          ]} />
      </Card>
      {editing !== undefined && <EditAlias alias={editing} onClose={() => setEditing(undefined)} onDone={list.reload} />}
      {removing && <RemoveAlias alias={removing} onClose={() => setRemoving(null)} onDone={list.reload} />}
    </Page>
  )
}
