// views/audit.tsx: who changed what.
import type { Audit } from '../api/types'
import { useList } from '../state/load'
import { useFields } from '../state/route'
import { t } from '../text/t'
import { Ago } from '../ui/format'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(plain).join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What something was, as "name: value, ...": of two objects only where they differ. */
function oneLine(value: unknown, other: unknown): string {
  if (typeof value !== 'object' || value === null) return plain(value)
  const others = (typeof other === 'object' && other !== null ? other : {}) as Record<string, unknown>
  return Object.entries(value)
    .filter(([name, v]) => plain(v) !== '' && !(name in others && plain(v) === plain(others[name])))
    .map(([name, v]) => `${name}: ${plain(v)}`).join(', ')
}

function Change({ a }: { a: Audit }) {
  const before = oneLine(a.before, a.after)
  const after = oneLine(a.after, a.before)
  if (before === '' && after === '') return null
  return (
    <span class="change">
      {before !== '' && <><span class="unseen">{t('audit.before')}</span><del>{before}</del></>}
      {after !== '' && <><span class="unseen">{t('audit.after')}</span><ins>{after}</ins></>}
    </span>
  )
}

export function AuditPage() {
  const [{ q }, set] = useFields(['q'])
  const list = useList<Audit>('/audit', { q })
  return (
    <Page title={t('nav.audit')} intro={t('audit.intro')}>
      <Card>
        <Search label={t('audit.search')} value={q} onSearch={(text) => set({ q: text })} />
        <ListTable label={t('nav.audit')} list={list} id={(a) => a.id} icon="book" empty={q ? t('audit.none_fits') : t('audit.empty')}
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
