// views/reports/out.tsx: the reports that this server sends to other domains, as their records ask.
import { call, part } from '../../api/client'
import type { ReportOut, ReportSuppressed } from '../../api/types'
import { useAction, useList } from '../../state/load'
import { say } from '../../state/toast'
import { t, tOr } from '../../text/t'
import { Button } from '../../ui/button'
import { Ago, bytes, count, time } from '../../ui/format'
import { Badge, Failure } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { ListTable } from '../../ui/table'

const STATE_OF = { counting: 'none', waiting: 'unknown', sent: 'ok', unsent: 'warn' } as const

/** What became of it: in a word, why, and how often it was tried. */
function Became({ r }: { r: ReportOut }) {
  return (
    <span class="two-lines">
      <span><Badge state={STATE_OF[r.state as keyof typeof STATE_OF] ?? 'unknown'}>{tOr(`reports_out.state.${r.state}`, r.state)}</Badge></span>
      {r.why !== '' && <small>{r.why}</small>}
      {r.attempts > 1 && <small>{t('reports_out.attempts', { n: r.attempts })}</small>}
    </span>
  )
}

function To({ r }: { r: ReportOut }) {
  return (
    <ul class="answers small">
      {r.to.map((to, i) => <li key={i}><code>{to.to}</code>{!to.sent && to.why !== '' && <> <span class="soft">{to.why}</span></>}</li>)}
    </ul>
  )
}

function Tells({ r }: { r: ReportOut }) {
  return (
    <span class="two-lines">
      <span>{r.kind === 'tls' ? t('reports_out.sessions', { n: count(r.messages) }) : t('reports_out.messages', { n: count(r.messages) })}</span>
      <small>{[r.begin && time(r.begin), r.bytes > 0 && bytes(r.bytes)].filter(Boolean).join(' · ')}</small>
    </span>
  )
}

/** Who refused reports for good gets none for a while. */
function Suppressed() {
  const list = useList<ReportSuppressed>('/reports/out/suppressed')
  const action = useAction()
  const allow = (of: ReportSuppressed) => void action.run(async () => {
    await call('DELETE', `/reports/out/suppressed/${part(of.address)}`)
    say(t('reports_out.allowed', { address: of.address }))
    list.reload()
  })
  return (
    <Card title={t('reports_out.suppressed')}>
      <Failure text={action.error} />
      <ListTable label={t('reports_out.suppressed')} list={list} id={(s) => s.address} icon="close" empty={t('reports_out.suppressed.empty')} columns={[
        { title: t('account.address'), cell: (s) => <strong>{s.address}</strong> },
        { title: t('queue.reply'), cell: (s) => <span class="small">{s.reply}</span> },
        { title: t('queue.since'), cell: (s) => <Ago time={s.since} />, end: true },
        { title: t('history.until'), cell: (s) => <Ago time={s.until} />, end: true },
        {
          title: t('act'), end: true, cell: (s) => (
            <Button kind="quiet" onPress={() => allow(s)}>{t('reports_out.allow')}<span class="unseen"> {s.address}</span></Button>
          ),
        },
      ]} />
    </Card>
  )
}

export function ReportsOutPage() {
  const list = useList<ReportOut>('/reports/out')
  const action = useAction()
  const send = () => void action.run(async () => {
    await call('POST', '/reports/out/send')
    say(t('reports_out.sending'))
    list.reload()
  })
  return (
    <Page title={t('nav.reports_out')} intro={t('reports_out.intro')}
      actions={(
        <>
          <Button icon="refresh" busy={list.busy} onPress={list.reload}>{t('reload')}</Button>
          <Button icon="next" busy={action.busy} onPress={send}>{t('reports_out.send')}</Button>
        </>
      )}>
      <Failure text={action.error} />
      <Card>
        <ListTable label={t('nav.reports_out')} list={list} id={(r) => `${r.key} ${r.state} ${r.domain}`} icon="out" empty={t('reports_out.empty')} columns={[
          { title: t('reports_out.about'), cell: (r) => <span class="two-lines"><strong>{r.domain}</strong><small>{tOr(`reports_out.kind.${r.kind}`, r.kind)}</small></span> },
          { title: t('reports_out.tells'), cell: (r) => <Tells r={r} /> },
          { title: t('reports_out.to'), cell: (r) => <To r={r} /> },
          { title: t('queue.state'), cell: (r) => <Became r={r} /> },
          { title: t('reports_out.when'), cell: (r) => r.when === null ? '' : <Ago time={r.when} />, end: true },
        ]} />
      </Card>
      <Suppressed />
    </Page>
  )
}
