// views/domains.tsx: the mail domains.
import { useState } from 'preact/hooks'
import { call, get, part, query } from '../api/client'
import type { Doctor, Domain } from '../api/types'
import { useList, useLoad } from '../state/load'
import { navigate } from '../state/route'
import { mayBe } from '../state/session'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { TextField } from '../ui/field'
import { date } from '../ui/format'
import { StateBadge } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { ListTable } from '../ui/table'

function AddDomain({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  async function add() {
    await call('POST', '/domains', { name: name.trim() })
    navigate(`/domains/${part(name.trim())}`)
  }
  return (
    <FormDialog title={t('domain.add')} act={t('domain.add')} onClose={onClose} onAct={add}>
      <TextField label={t('domain.name')} help={t('domain.name.help')} value={name} onInput={setName}
        placeholder="example.org" inputmode="url" required autofocus />
    </FormDialog>
  )
}

export function DomainsPage() {
  const list = useList<Domain>('/domains')
  const doctor = useLoad((signal) => get<Doctor>('/doctor', signal), [])
  const found = (name: string) => doctor.data?.domains.find((d) => d.name === name)?.state
  const [adding, setAdding] = useState(false)
  const add = mayBe('owner') && <Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('domain.add')}</Button>
  return (
    <Page title={t('nav.domains')} intro={t('domains.intro')} actions={add}>
      <Card>
        <ListTable label={t('nav.domains')} list={list} id={(d) => d.name} icon="globe" empty={t('domains.empty')}
          columns={[
            { title: t('domain.name'), cell: (d) => <Link to={`/domains/${part(d.name)}`}><strong>{d.name}</strong></Link> },
            { title: t('domain.dns'), cell: (d) => found(d.name) && <StateBadge state={found(d.name)!} /> },
            { title: t('nav.accounts'), cell: (d) => <Link to={`/accounts${query({ q: `@${d.name}` })}`}>{d.accounts}</Link>, end: true },
            { title: t('nav.aliases'), cell: (d) => d.aliases, end: true },
            { title: t('made'), cell: (d) => date(d.created), end: true },
          ]} />
      </Card>
      {adding && <AddDomain onClose={() => setAdding(false)} />}
    </Page>
  )
}
