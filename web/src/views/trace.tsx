// views/trace.tsx: one message's whole story.
import { get, part, query } from '../api/client'
import type { Trace, TraceStep } from '../api/types'
import { useLoad } from '../state/load'
import { t, tOr } from '../text/t'
import { Link } from '../ui/button'
import { bytes, second, time } from '../ui/format'
import { Icon } from '../ui/icon'
import { Await, ICONS } from '../ui/notice'
import { Card, Facts, Page } from '../ui/page'
import type { Parameters } from './pages'
import { recipients, TraceState } from './traces'

/** What is tried again has not failed. */
function stateOf(step: TraceStep) {
  return step.ok ? 'ok' : step.what === 'delayed' ? 'warn' : 'fail'
}

function Step({ step }: { step: TraceStep }) {
  const state = stateOf(step)
  return (
    <li class={`step ${state}`}>
      <Icon name={ICONS[state]} />
      <div>
        <strong>{tOr(`trace.step.${step.what}`, step.what)}</strong>
        <p>{step.detail}</p>
      </div>
      <time dateTime={step.time ?? ''} title={time(step.time)}>{second(step.time)}</time>
    </li>
  )
}

export function TracePage({ parameters }: { parameters: Parameters }) {
  const id = parameters.id ?? ''
  const trace = useLoad((signal) => get<Trace>(`/traces/${part(id)}`, signal), [id])
  return (
    <Page title={t('trace.title')} back={{ to: '/traces', label: t('nav.traces') }}>
      <Await of={trace}>
        {(m) => (
          <>
            <Card>
              <Facts rows={[
                [t('queue.state'), <TraceState state={m.state} />],
                [t('trace.from'), m.from || t('queue.bounce')],
                [t('queue.to'), recipients(m)],
                [t('trace.id'), <code>{m.message_id}</code>],
                [t('size'), bytes(m.size)],
                [t('time'), time(m.time)],
                [t('events.session'), m.session && <Link to={`/events${query({ session: m.session })}`}>{m.session}</Link>],
              ]} />
            </Card>
            <Card title={t('trace.story')}>
              <ol class="steps">{(m.steps ?? []).map((step, i) => <Step key={i} step={step} />)}</ol>
            </Card>
          </>
        )}
      </Await>
    </Page>
  )
}
