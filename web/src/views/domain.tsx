// views/domain.tsx: one domain: what the doctor found of its DNS, its keys, and what it does with
// unknown addresses.
import { useState } from 'preact/hooks'
import { call, get, part } from '../api/client'
import type { DoctorPart, Domain } from '../api/types'
import { useAction, useLoad } from '../state/load'
import { navigate } from '../state/route'
import { mayBe } from '../state/session'
import { say } from '../state/toast'
import { t } from '../text/t'
import { Button, LinkButton } from '../ui/button'
import { FormDialog } from '../ui/dialog'
import { Form, SelectField, TextField } from '../ui/field'
import { Await, Failure } from '../ui/notice'
import { Card, Page } from '../ui/page'
import { Findings, lookNow, useDoctor } from './doctor/findings'
import { Keys } from './keys'
import type { Parameters } from './pages'

function Unknown({ domain }: { domain: Domain }) {
  const [catchall, setCatchall] = useState(domain.catchall)
  const [aliasOf, setAliasOf] = useState(domain.alias_of)
  const action = useAction()
  async function save() {
    await call('PUT', `/domains/${part(domain.name)}`, { catchall: catchall.trim(), alias_of: aliasOf.trim() })
    say(t('saved'))
  }
  return (
    <Form onSubmit={() => void action.run(save)} class="form inline">
      <TextField label={t('domain.catchall')} help={t('domain.catchall.help')} value={catchall}
        onInput={setCatchall} inputmode="email" />
      <TextField label={t('domain.alias_of')} help={t('domain.alias_of.help')} value={aliasOf}
        onInput={setAliasOf} inputmode="url" />
      <Button submit busy={action.busy}>{t('save')}</Button>
      <Failure text={action.error} />
    </Form>
  )
}

function MtaSts({ domain, onSaved }: { domain: Domain, onSaved: () => void }) {
  const [mode, setMode] = useState(domain.mta_sts)
  const action = useAction()
  async function save() {
    await call('PUT', `/domains/${part(domain.name)}`, { mta_sts: mode })
    say(t('saved'))
    onSaved() // its record has another id
  }
  return (
    <Form onSubmit={() => void action.run(save)} class="form inline">
      <SelectField label={t('domain.mta_sts.label')} help={t('domain.mta_sts.help')} value={mode} onInput={setMode}
        choices={[
          { value: 'testing', label: t('domain.mta_sts.testing') },
          { value: 'enforce', label: t('domain.mta_sts.enforce') },
          { value: 'none', label: t('domain.mta_sts.none') },
        ]} />
      <Button submit busy={action.busy}>{t('save')}</Button>
      <Failure text={action.error} />
    </Form>
  )
}

function RemoveDomain({ name, onClose }: { name: string, onClose: () => void }) {
  async function remove() {
    await call('DELETE', `/domains/${part(name)}`)
    say(t('domain.removed', { name }))
    navigate('/domains')
  }
  return (
    <FormDialog title={t('domain.remove')} act={t('domain.remove')} danger onClose={onClose} onAct={remove}>
      <p>{t('domain.remove.text', { name })}</p>
    </FormDialog>
  )
}

export function DomainPage({ parameters }: { parameters: Parameters }) {
  const name = parameters.domain ?? ''
  const [removing, setRemoving] = useState(false)
  const domain = useLoad((signal) => get<Domain>(`/domains/${part(name)}`, signal), [name])
  const doctor = useDoctor<DoctorPart>(`/domains/${part(name)}/doctor`, (p) => p.looking || p.looked === null)
  const changed = () => void lookNow(name).then(doctor.reload, () => {}) // its records are other ones
  return (
    <Page title={name} back={{ to: '/domains', label: t('nav.domains') }} intro={t('domain.intro')}
      actions={(
        <>
          <LinkButton to={`/reports/domains/${part(name)}`} icon="book">{t('nav.reports')}</LinkButton>
          {mayBe('owner') && <Button onPress={() => setRemoving(true)}>{t('domain.remove')}</Button>}
        </>
      )}>
      <Card title={t('dns.title')}>
        <Await of={doctor} text={t('dns.asking')}>
          {(found) => <Findings part={found} who={name} onLook={doctor.reload} zone={`/api/domains/${part(name)}/zone`} />}
        </Await>
      </Card>
      <Card title={t('domain.mta_sts')}>
        <Await of={domain}>{(d) => <MtaSts domain={d} onSaved={changed} />}</Await>
      </Card>
      <Keys domain={name} onChange={changed} />
      <Card title={t('domain.unknown')}>
        <Await of={domain}>{(d) => <Unknown domain={d} />}</Await>
      </Card>
      {removing && <RemoveDomain name={name} onClose={() => setRemoving(false)} />}
    </Page>
  )
}
