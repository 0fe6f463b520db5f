// views/audit.tsx: who changed what.
import { useState } from 'preact/hooks'
import type { Audit } from '../api/types'
import { useList } from '../state/load'
import { t } from '../text/t'
import { Ago } from '../ui/format'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

/** What something was, as "name: value, ...". */
function oneLine(value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value !== 'object') return String(value)
  return Object.entries(value).map(([name, v]) => `${name}: ${typeof v === 'string' ? v : JSON.stringify(v)}`).join(', ')
}

function Change({ a }: { a: Audit }) {
  const before = oneLine(a.before)
  const after = oneLine(a.after)
  if (before === '' && after === '') return null
  return (
    <span class="change">
      {before !== '' && <><span class="unseen">{t('audit.before')}</span><del>{before}</del></>}
      {after !== '' && <><span class="unseen">{t('audit.after')}</span><ins>{after}</ins></>}
    </span>
  )
}

export function AuditPage() {
  const [q, setQ] = useState('')
  const list = useList<Audit>('/audit', { q })
  return (
    <Page title={t('nav.audit')} intro={t('audit.intro')}>
      <Card>
        <Search label={t('audit.search')} value={q} onSearch={setQ} />
        <ListTable label={t('nav.audit')} list={list} id={(a) => a.id} icon="book" empty={t('audit.empty')}
          columns={[
            { title: t('audit.what'), cell: (a) => <span class="two-lines"><strong>{a.what}</strong><small>{a.target}</small></span> },
            { title: t('audit.change'), cell: (a) => <Change a={a} /> },
            { title: t('audit.who'), cell: (a) => <span class="two-lines">{a.who}<small>{a.from}</small></span> },
            { title: t('time'), cell: (a) => <Ago time={a.time} />, end: true },
          ]} />
      </Card>
    </Page>
  )
}
