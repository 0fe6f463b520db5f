// views/tls.tsx: how TLS with other domains' servers went, and the MTA-STS policies that are kept.
import { call, part } from '../api/client'
import type { StsPolicy, TlsDay, TlsFailure, TlsTally } from '../api/types'
import { useAction, useList } from '../state/load'
import { useFields } from '../state/route'
import { say } from '../state/toast'
import { t, tOr } from '../text/t'
import { Button } from '../ui/button'
import { SelectField, TextField } from '../ui/field'
import { Ago, count, utcDay } from '../ui/format'
import { Badge, Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Search } from '../ui/search'
import { ListTable } from '../ui/table'

const sum = (tallies: TlsTally[], of: 'good' | 'bad') => tallies.reduce((n, tally) => n + tally[of], 0)

/** Which server, and which of our addresses asked it. */
function between(f: TlsFailure): string {
  const server = [f.host || f.helo, f.address && `(${f.address})`].filter(Boolean).join(' ')
  return [server, f.from && t('tls.from', { address: f.from })].filter(Boolean).join(', ')
}

function Failures({ day }: { day: TlsDay }) {
  const all = day.policies.flatMap((p) => p.failures)
  return (
    <ul>
      {all.map((f, i) => (
        <li key={i} class="two-lines">
          <span>{t('tls.times', { n: f.count, what: tOr(`tls.result.${f.result}`, f.result) })}</span>
          <small>{[f.reason, between(f)].filter(Boolean).join(' · ')}</small>
        </li>
      ))}
    </ul>
  )
}

function Policies({ day }: { day: TlsDay }) {
  return (
    <ul class="small">
      {day.policies.map((p, i) => (
        <li key={i}>
          {t(p.bad > 0 ? 'tls.tally_bad' : 'tls.tally', { policy: tOr(`tls.policy.${p.type}`, p.type), good: count(p.good), bad: count(p.bad) })}
        </li>
      ))}
    </ul>
  )
}

function Kept() {
  const list = useList<StsPolicy>('/tls/policies')
  const action = useAction()
  const forget = (p: StsPolicy) => void action.run(async () => {
    await call('DELETE', `/tls/policies/${part(p.domain)}`)
    say(t('tls.forgotten', { domain: p.domain }))
    list.reload()
  })
  return (
    <Card title={t('tls.kept')}>
      <p>{t('tls.kept.intro')}</p>
      <Failure text={action.error} />
      <ListTable label={t('tls.kept')} list={list} id={(p) => p.domain} icon="shield" empty={t('tls.kept.empty')}
        columns={[
          { title: t('domain.name'), cell: (p) => <strong>{p.domain}</strong> },
          { title: t('tls.mode'), cell: (p) => tOr(`tls.mode.${p.mode}`, p.mode) },
          { title: t('tls.mx'), cell: (p) => <span class="small">{p.mx.join(', ')}</span> },
          { title: t('tls.fetched'), cell: (p) => <Ago time={p.fetched} />, end: true },
          { title: t('tls.expires'), cell: (p) => <Ago time={p.expires} />, end: true },
          {
            title: t('act'), end: true, cell: (p) => (
              <Button kind="quiet" onPress={() => forget(p)}>{t('tls.forget')}<span class="unseen"> {p.domain}</span></Button>
            ),
          },
        ]} />
    </Card>
  )
}

/** Days here are the server's, which are of UTC. */
const start = (day: string) => day && `${day}T00:00:00Z`

export function TlsPage() {
  const [{ domain, since, until, failures }, set] = useFields(['domain', 'since', 'until', 'failures'])
  const list = useList<TlsDay>('/tls/evidence', { domain, since: start(since), until: start(until), failures })
  return (
    <Page title={t('nav.tls')} intro={t('tls.intro')}
      actions={<Button icon="refresh" busy={list.busy} onPress={list.reload}>{t('reload')}</Button>}>
      <Card title={t('tls.title')}>
        <div class="filters">
          <Search label={t('domain.name')} value={domain} onSearch={(text) => set({ domain: text.trim() })} />
          <SelectField label={t('tls.show')} value={failures} onInput={(v) => set({ failures: v })}
            choices={[{ value: '', label: t('all') }, { value: '1', label: t('tls.show.failures') }]} />
          <TextField type="date" label={t('tls.since')} value={since} onInput={(v) => set({ since: v })} />
          <TextField type="date" label={t('tls.until')} value={until} onInput={(v) => set({ until: v })} />
        </div>
        <ListTable label={t('tls.title')} list={list} id={(d) => `${d.day} ${d.domain}`} icon="lock"
          empty={domain || since || until || failures ? t('tls.none_fits') : t('tls.empty')}
          columns={[
            { title: t('domain.name'), cell: (d) => <span class="two-lines"><strong>{d.domain}</strong><small>{utcDay(d.day)}</small></span> },
            {
              title: t('history.result'), cell: (d) => sum(d.policies, 'bad') > 0
                ? <Badge state={sum(d.policies, 'good') > 0 ? 'warn' : 'fail'}>{t('tls.bad', { n: sum(d.policies, 'bad') })}</Badge>
                : <Badge state="ok">{t('tls.good')}</Badge>,
            },
            { title: t('tls.sessions'), cell: (d) => <Policies day={d} /> },
            { title: t('tls.failures'), cell: (d) => <Failures day={d} /> },
          ]} />
      </Card>
      <Kept />
    </Page>
  )
}
