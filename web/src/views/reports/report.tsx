// views/reports/report.tsx: one report, all that is in it.
import { useState } from 'preact/hooks'
import { call, get, part, query } from '../../api/client'
import type { ReportFeedback, ReportWhole } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { navigate } from '../../state/route'
import { say } from '../../state/toast'
import { sentence, t, tOr } from '../../text/t'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/dialog'
import { count, time } from '../../ui/format'
import { Await, Failure, Notice } from '../../ui/notice'
import { Card, Facts, Page } from '../../ui/page'
import type { Parameters } from '../pages'
import { kindOf } from './parts'
import { DmarcRows, TlsRows } from './rows'

function About({ r }: { r: ReportWhole }) {
  return (
    <Card>
      {!r.proven && <Notice state="warn">{t('reports.unproven.text')}</Notice>}
      <Facts rows={[
        [t('reports.kind'), kindOf(r)],
        [t('domain.name'), r.domain],
        [t('reports.by'), [r.organization, r.contact].filter(Boolean).join(', ')],
        [t('reports.from'), r.from],
        [t('reports.id'), r.report_id !== '' && <code>{r.report_id}</code>],
        [t('reports.received'), time(r.received)],
        [t('reports.about'), r.begin !== null && t('reports.period', { from: time(r.begin), to: time(r.end) })],
        [t('reports.result'), r.kind === 'failure' ? t('reports.incidents', { n: r.messages }) : t('reports.of', { some: count(r.passed), all: count(r.messages) })],
        [t('reports.policy'), r.policy !== '' && <code>{r.policy}</code>],
      ]} />
      {r.remarks.map((remark, i) => <Notice key={i} state="warn">{sentence(remark)}</Notice>)}
    </Card>
  )
}

function Feedback({ f }: { f: ReportFeedback }) {
  return (
    <Card title={t('reports.feedback')}>
      <Facts rows={[
        [t('reports.feedback.type'), tOr(`reports.feedback.${f.type}`, f.type)],
        [t('reports.feedback.arrived'), f.arrived !== null && time(f.arrived)],
        [t('reports.feedback.address'), f.address],
        [t('reports.feedback.subject'), f.subject],
        [t('reports.feedback.message_id'), f.message_id !== '' && <code>{f.message_id}</code>],
        [t('reports.feedback.original_from'), f.original_from],
        [t('reports.feedback.original_to'), f.original_to.join(', ')],
        [t('reports.feedback.domains'), f.reported_domains.join(', ')],
        [t('reports.feedback.result'), f.delivery_result],
        [t('reports.feedback.auth_failure'), f.auth_failure],
        [t('reports.feedback.dkim'), [f.dkim_selector, f.dkim_domain].filter(Boolean).join('._domainkey.')],
        [t('reports.feedback.spf'), f.spf],
        [t('reports.feedback.results'), f.authentication_results !== '' && <code>{f.authentication_results}</code>],
        [t('reports.feedback.agent'), f.agent],
      ]} />
    </Card>
  )
}

/** A report, and more of its rows when there are many. */
function useReport(id: string) {
  const [more, setMore] = useState<ReportWhole[]>([])
  const action = useAction()
  const path = `/reports/${part(id)}`
  const first = useLoad((signal) => get<ReportWhole>(path, signal), [path])
  const parts = first.data ? [first.data, ...more] : []
  const next = parts.at(-1)?.rows_next ?? 0
  const load = () => void action.run(async () => {
    const following = await get<ReportWhole>(path + query({ row: next }))
    setMore((all) => [...all, following])
  })
  return { first, action, parts, more: next > 0 ? load : null }
}

function Remove({ r, onClose }: { r: ReportWhole, onClose: () => void }) {
  async function remove() {
    await call('DELETE', `/reports/${part(r.id)}`)
    say(t('reports.removed'))
    navigate('/reports')
  }
  return (
    <FormDialog title={t('reports.remove')} act={t('reports.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('reports.remove.text')}</p>
    </FormDialog>
  )
}

export function ReportPage({ parameters }: { parameters: Parameters }) {
  const { first, action, parts, more } = useReport(parameters.id ?? '')
  const [removing, setRemoving] = useState(false)
  const r = first.data
  const title = r ? t('reports.title', { by: r.organization || r.from || t('reports.nameless'), domain: r.domain }) : t('nav.reports')
  return (
    <Page title={title} back={{ to: '/reports', label: t('nav.reports') }}
      actions={r && <Button onPress={() => setRemoving(true)}>{t('reports.remove')}</Button>}>
      <Await of={first}>
        {(whole) => (
          <>
            <About r={whole} />
            {whole.kind === 'dmarc' && <DmarcRows rows={parts.flatMap((p) => p.dmarc)} />}
            {whole.kind === 'tls' && <TlsRows rows={parts.flatMap((p) => p.tls)} />}
            {whole.feedback && <Feedback f={whole.feedback} />}
          </>
        )}
      </Await>
      <Failure text={action.error} />
      {more && <div class="more"><Button busy={action.busy} onPress={more}>{t('more')}</Button></div>}
      {removing && r && <Remove r={r} onClose={() => setRemoving(false)} />}
    </Page>
  )
}
