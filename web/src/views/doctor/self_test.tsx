// views/doctor/self_test.tsx: a message of a domain to an address here, judged as others judge it.
import { useState } from 'preact/hooks'
import { call, get } from '../../api/client'
import type { DoctorTest } from '../../api/types'
import { useAction, useLoad } from '../../state/load'
import { sentence, t, tOr } from '../../text/t'
import { Button } from '../../ui/button'
import { Form, SelectField, TextField } from '../../ui/field'
import { Ago } from '../../ui/format'
import { Await, Failure, Notice, StateBadge, Waiting } from '../../ui/notice'
import { Card, Facts } from '../../ui/page'

const RUNNING_S = 1

function Steps({ of }: { of: DoctorTest }) {
  return (
    <ol class="checks" aria-label={t('self_test.steps')}>
      {of.steps.map((c, i) => (
        <li key={i}>
          <div class="check-head"><strong>{c.title}</strong><StateBadge state={c.state} /></div>
          {tOr(`self_test.why.${c.id}`, '') !== '' && <p class="soft">{tOr(`self_test.why.${c.id}`, '')}</p>}
          {c.seen !== '' && <p><span class="soft">{t('check.seen')}</span> {c.seen}</p>}
          {c.state !== 'ok' && c.expected !== '' && <p><span class="soft">{t('check.expected')}</span> {c.expected}</p>}
          {c.state !== 'ok' && c.advice !== '' && <p class="advice">{sentence(c.advice)}</p>}
        </li>
      ))}
    </ol>
  )
}

/** What came of it, in a sentence. */
function Verdict({ of }: { of: DoctorTest }) {
  const bad = of.steps.filter((s) => s.state === 'fail' || s.state === 'warn').length
  if (of.state === 'running') return <Waiting text={t('self_test.running')} />
  if (of.state === 'failed') return <Notice state="fail">{t('self_test.failed')} {sentence(of.problem)}</Notice>
  if (bad > 0) return <Notice state="warn">{t('self_test.bad', { n: bad })}</Notice>
  if (of.steps.some((s) => s.state === 'unknown')) return <Notice state="unknown">{t('self_test.unknown')}</Notice>
  return <Notice state="ok">{t('self_test.good')}</Notice>
}

function Result({ of }: { of: DoctorTest }) {
  if (of.state === 'none') return null
  return (
    <>
      <Verdict of={of} />
      <Facts rows={[
        [t('self_test.message'), t('self_test.between', { from: of.from, to: of.to })],
        [t('self_test.message_id'), of.message_id !== '' && <code>{of.message_id}</code>],
        [t('self_test.begun'), <Ago time={of.started} />],
      ]} />
      <Steps of={of} />
    </>
  )
}

/** domains: those of the caller. */
export function SelfTest({ domains }: { domains: string[] }) {
  const [domain, setDomain] = useState(domains[0] ?? '')
  const [to, setTo] = useState('')
  const [running, setRunning] = useState(false)
  const action = useAction()
  const test = useLoad(async (signal) => {
    const found = await get<DoctorTest>('/doctor/self-test', signal)
    setRunning(found.state === 'running')
    return found
  }, [], running ? RUNNING_S : 0)
  const begin = () => void action.run(async () => {
    await call('POST', '/doctor/self-test', { domain, ...(to.trim() ? { to: to.trim() } : {}) })
    setRunning(true)
    test.reload()
  })
  return (
    <Card title={t('self_test.title')}>
      <p>{t('self_test.intro')}</p>
      <Form onSubmit={begin} class="form inline">
        <SelectField label={t('domain.name')} help={t('self_test.domain.help')} value={domain} onInput={setDomain}
          choices={domains.map((d) => ({ value: d, label: d }))} />
        <TextField label={t('self_test.to')} help={t('self_test.to.help')} value={to} onInput={setTo} inputmode="email" />
        <Button submit icon="play" busy={action.busy || running}>{t('self_test.begin')}</Button>
        <Failure text={action.error} />
      </Form>
      <div class="stack" aria-live="polite"><Await of={test}>{(found) => <Result of={found} />}</Await></div>
    </Card>
  )
}
