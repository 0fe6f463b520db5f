// views/doctor/page.tsx: the DNS doctor: how each domain fares, this host, and the self-test.
import { part as pathPart } from '../../api/client'
import type { Doctor, DoctorPart } from '../../api/types'
import { useAction } from '../../state/load'
import { t } from '../../text/t'
import { Button, Link } from '../../ui/button'
import { Ago } from '../../ui/format'
import { Await, Empty, Failure, StateBadge } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import { Table } from '../../ui/table'
import { Findings, lookNow, useDoctor } from './findings'
import { SelfTest } from './self_test'

/** "2 wrong, 1 to look at", or that nothing is. */
function open(of: DoctorPart): string {
  const { fail, warn, unknown } = of.counts
  if (of.looked === null) return t('dns.asking')
  const what = [fail > 0 && t('doctor.count.fail', { n: fail }), warn > 0 && t('doctor.count.warn', { n: warn }), unknown > 0 && t('doctor.count.unknown', { n: unknown })]
  return what.filter(Boolean).join(', ') || t('doctor.count.none')
}

function Domains({ domains }: { domains: DoctorPart[] }) {
  if (domains.length === 0) return <Empty icon="globe" text={t('domains.empty')} />
  return (
    <Table label={t('nav.domains')} rows={domains} id={(d) => d.name} columns={[
      { title: t('domain.name'), cell: (d) => <Link to={`/domains/${pathPart(d.name)}`}><strong>{d.name}</strong></Link> },
      { title: t('queue.state'), cell: (d) => <StateBadge state={d.state} /> },
      { title: t('doctor.open'), cell: open },
      { title: t('doctor.looked'), cell: (d) => <Ago time={d.looked} />, end: true },
    ]} />
  )
}

const looking = (d: Doctor) => [d.host, ...d.domains].some((p) => p.looking || p.looked === null)

export function DoctorPage() {
  const doctor = useDoctor<Doctor>('/doctor', looking)
  const action = useAction()
  const look = () => void action.run(async () => {
    await lookNow()
    doctor.reload()
  })
  return (
    <Page title={t('nav.doctor')} intro={t('doctor.intro')} actions={
      <Button icon="refresh" busy={action.busy || (doctor.data !== undefined && looking(doctor.data))} onPress={look}>{t('doctor.look_all')}</Button>
    }>
      <Failure text={action.error} />
      <Await of={doctor}>
        {(d) => (
          <>
            <Card title={t('nav.domains')}><Domains domains={d.domains} /></Card>
            <Card title={t('doctor.host')}><Findings part={d.host} who="host" onLook={doctor.reload} /></Card>
            {d.domains.length > 0 && <SelfTest domains={d.domains.map((p) => p.name)} />}
          </>
        )}
      </Await>
    </Page>
  )
}
