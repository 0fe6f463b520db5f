// views/groups.tsx: people who are named together, and may get mail together.
import { useState } from 'preact/hooks'
import { call, part } from '../api/client'
import type { Group } from '../api/types'
import { useList } from '../state/load'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { CheckField, TextArea, TextField } from '../ui/field'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'
import { PostField } from './aliases'

interface DialogProps { onClose: () => void, onDone: () => void }

function EditGroup({ group, onClose, onDone }: DialogProps & { group: Group | null }) {
  const [address, setAddress] = useState(group?.address ?? '')
  const [title, setTitle] = useState(group?.title ?? '')
  const [members, setMembers] = useState(group?.members.join('\n') ?? '')
  const [mail, setMail] = useState(group?.mail ?? false)
  const [post, setPost] = useState(group?.post || 'anybody')
  async function save() {
    const body = { title: title.trim(), members: members.split(/[\s,]+/).filter(Boolean), mail, ...(mail ? { post } : {}) }
    if (group) await call('PUT', `/groups/${part(group.address)}`, body)
    else await call('POST', '/groups', { address: address.trim(), ...body })
    say(t('saved'))
    onDone()
  }
  return (
    <FormDialog title={group ? group.address : t('group.add')} act={group ? t('save') : t('group.add')}
      onClose={onClose} onAct={save}>
      {!group && <TextField label={t('group.address')} value={address} onInput={setAddress} inputmode="email"
        placeholder="sales@example.org" required autofocus />}
      <TextField label={t('group.title')} value={title} onInput={setTitle} />
      <TextArea label={t('group.members')} help={t('group.members.help')} value={members} onInput={setMembers} />
      <CheckField label={t('group.mail')} help={t('group.mail.help')} checked={mail} onInput={setMail} />
      {mail && <PostField value={post} onInput={setPost} />}
    </FormDialog>
  )
}

function RemoveGroup({ group, onClose, onDone }: DialogProps & { group: Group }) {
  async function remove() {
    await call('DELETE', `/groups/${part(group.address)}`)
    onDone()
  }
  return (
    <FormDialog title={t('group.remove')} act={t('group.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('group.remove.text', { address: group.address })}</p>
    </FormDialog>
  )
}

export function GroupsPage() {
  const [q, setQ] = useState('')
  const list = useList<Group>('/groups', { q })
  const [editing, setEditing] = useState<Group | null | undefined>(undefined)
  const [removing, setRemoving] = useState<Group | null>(null)
  return (
    <Page title={t('nav.groups')} intro={t('groups.intro')}
      actions={<Button kind="main" icon="plus" onPress={() => setEditing(null)}>{t('group.add')}</Button>}>
      <Card>
        <Search label={t('groups.search')} value={q} onSearch={setQ} />
        <ListTable label={t('nav.groups')} list={list} id={(g) => g.address} icon="people" empty={q ? t('groups.none_fits') : t('groups.empty')}
          columns={[
            { title: t('group.address'), cell: (g) => <><strong>{g.address}</strong>{g.title && <div class="soft">{g.title}</div>}</> },
            { title: t('group.members'), cell: (g) => g.members.join(', ') },
            { title: t('alias.post'), cell: (g) => g.mail ? t(`alias.post.${g.post}`) : t('group.post.nobody') },
            {
              title: t('act'), end: true, cell: (g) => (
                <>
                  <Button kind="quiet" onPress={() => setEditing(g)}>{t('edit')}<span class="unseen"> {g.address}</span></Button>
                  <Button kind="quiet" onPress={() => setRemoving(g)}>{t('remove')}<span class="unseen"> {g.address}</span></Button>
                </>
              ),
            },
          ]} />
      </Card>
      {editing !== undefined && <EditGroup group={editing} onClose={() => setEditing(undefined)} onDone={list.reload} />}
      {removing && <RemoveGroup group={removing} onClose={() => setRemoving(null)} onDone={list.reload} />}
    </Page>
  )
}
