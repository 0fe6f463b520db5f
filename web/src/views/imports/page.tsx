// views/imports/page.tsx: mail brought from other servers: for oneself, and for an account that one
// looks after.
import { useState } from 'preact/hooks'
import { part } from '../../api/client'
import type { Import } from '../../api/types'
import { useList } from '../../state/load'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { Await, Empty } from '../../ui/notice'
import { Card, Page } from '../../ui/page'
import type { Parameters } from '../pages'
import { ImportCard } from './card'
import { ImportForm } from './form'

/** path: where the API has them. */
function Imports(p: { path: string, title: string, intro: string, back?: { to: string, label: string } }) {
  const list = useList<Import>(p.path)
  const [adding, setAdding] = useState(false)
  const start = <Button kind="main" icon="plus" onPress={() => setAdding(true)}>{t('import.new')}</Button>
  const active = list.data?.some((i) => i.state === 'waiting' || i.state === 'running')
  return (
    <Page title={p.title} intro={p.intro} {...(p.back ? { back: p.back } : {})} actions={!adding && !active && start}>
      {adding && <Card title={t('import.new')}>
        <ImportForm path={p.path} onClose={() => setAdding(false)} onBegun={() => { setAdding(false); list.reload() }} />
      </Card>}
      <Await of={list}>
        {(all) => all.length === 0
          ? (adding ? null : <Card><Empty icon="down" text={t('import.empty')} /></Card>)
          : <>{all.map((i) => <ImportCard key={`${i.id} ${i.started ?? ''} ${i.state}`} path={p.path} known={i} mayRun={!active} onChanged={list.reload} />)}</>}
      </Await>
    </Page>
  )
}

export function MyImportsPage() {
  return <Imports path="/me/imports" title={t('nav.imports')} intro={t('import.intro')} />
}

export function AccountImportsPage({ parameters }: { parameters: Parameters }) {
  const address = parameters.address ?? ''
  return (
    <Imports path={`/accounts/${part(address)}/imports`} title={t('import.of', { address })} intro={t('import.of.intro')}
      back={{ to: `/accounts/${part(address)}`, label: address }} />
  )
}
