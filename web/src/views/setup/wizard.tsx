// views/setup/wizard.tsx: the first run: six steps, kept by the server as they are done, so the
// page can be left and opened again at any of them.
import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { call, get, setSetupToken } from '../../api/client'
import type { Session, Setup } from '../../api/types'
import { useAction } from '../../state/load'
import { navigate } from '../../state/route'
import { setSession, setup } from '../../state/session'
import { t, type Key } from '../../text/t'
import { Button } from '../../ui/button'
import { Form, TextField } from '../../ui/field'
import { Icon } from '../../ui/icon'
import { Logo } from '../../ui/logo'
import { Failure } from '../../ui/notice'
import { StepCertificate } from './certificate'
import { StepDns } from './dns'
import { StepHost } from './host'
import { StepLook } from './look'
import { StepOwner } from './owner'
import { StepTest } from './test'

export interface StepProps {
  known: Setup
  /** Ask the server again what is known, and go on when it says so. */
  onDone: () => Promise<void>
}

const STEPS: { id: string, title: Key, view: ComponentType<StepProps> }[] = [
  { id: 'host', title: 'setup.host', view: StepHost },
  { id: 'owner', title: 'setup.owner', view: StepOwner },
  { id: 'look-around', title: 'setup.look', view: StepLook },
  { id: 'certificate', title: 'setup.certificate', view: StepCertificate },
  { id: 'dns', title: 'setup.dns', view: StepDns },
  { id: 'test-mail', title: 'setup.test', view: StepTest },
]

const TOKEN = 'roost-setup-token' // survives a reload of the page, not the tab

/** The server says which step is next; what it does not name is the last one. */
function indexOf(step: string): number {
  const alike: Record<string, string> = { delivery: 'look-around', test: 'test-mail', finish: 'test-mail', look: 'look-around' }
  const i = STEPS.findIndex((s) => s.id === (alike[step] ?? step))
  return i >= 0 ? i : 0
}

/** The printed link has the token behind "#" or in ?token=; it leaves the address bar at once. */
function tokenOfLink(): string {
  const from = location.hash.slice(1) || location.search.slice(1)
  const found = new URLSearchParams(from).get('token') ?? ''
  if (found !== '') history.replaceState(null, '', '/setup')
  return found || (sessionStorage.getItem(TOKEN) ?? '')
}

function Claim({ onClaimed }: { onClaimed: (known: Setup) => void }) {
  const [token, setToken] = useState('')
  const action = useAction()
  const claim = (value: string) => void action.run(async () => {
    setSetupToken(value)
    await call('POST', '/setup/claim', { token: value })
    sessionStorage.setItem(TOKEN, value)
    onClaimed(await get<Setup>('/setup'))
  })
  useEffect(() => {
    const look = () => {
      const found = tokenOfLink()
      if (found !== '') claim(found)
    }
    look()
    // A link that is pasted over the same page changes its fragment only, and loads nothing.
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])
  return (
    <section class="card">
      <h2>{t('setup.claim')}</h2>
      <p>{t('setup.claim.text')}</p>
      <Form onSubmit={() => claim(token.trim())}>
        <TextField label={t('setup.token')} help={t('setup.token.help')} value={token} onInput={setToken} required mono />
        <Failure text={action.error} />
        <Button submit kind="main" busy={action.busy}>{t('setup.begin')}</Button>
      </Form>
    </section>
  )
}

function Progress(p: { at: number, reached: number, onGo: (i: number) => void }) {
  return (
    <nav aria-label={t('setup.progress')}>
      <ol class="progress">
        {STEPS.map((s, i) => (
          <li key={s.id} class={i < p.reached ? 'done' : i === p.at ? 'at' : ''}>
            <button type="button" disabled={i > p.reached} aria-current={i === p.at ? 'step' : undefined}
              onClick={() => p.onGo(i)}>
              <span class="progress-mark">{i < p.reached ? <Icon name="check" /> : i + 1}</span>
              <span class="progress-name">{t(s.title)}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Steps({ first }: { first: Setup }) {
  const [known, setKnown] = useState(first)
  const [reached, setReached] = useState(indexOf(first.step))
  const [at, setAt] = useState(indexOf(first.step))
  const heading = useRef<HTMLHeadingElement>(null)
  const began = useRef(false)
  useEffect(() => {
    if (began.current) heading.current?.focus()
    began.current = true
    document.title = `${t(STEPS[at]!.title)} · Roost`
  }, [at])
  async function onDone() {
    setKnown(await get<Setup>('/setup'))
    const next = Math.min(at + 1, STEPS.length - 1)
    setReached(Math.max(reached, next))
    setAt(next)
    scrollTo(0, 0)
  }
  const step = STEPS[at]!
  const View = step.view
  return (
    <>
      <Progress at={at} reached={reached} onGo={setAt} />
      <section class="card setup-step">
        <p class="soft small">{t('setup.step', { n: at + 1, all: STEPS.length })}</p>
        <h2 ref={heading} tabIndex={-1}>{t(step.title)}</h2>
        <View key={step.id} known={known} onDone={onDone} />
      </section>
      <p class="soft small">{t('setup.leave')}</p>
    </>
  )
}

export function SetupPage() {
  const [known, setKnown] = useState<Setup | null>(null)
  return (
    <main class="setup">
      <div class="narrow-head"><Logo /><h1>{t('setup.title')}</h1></div>
      {known ? <Steps first={known} /> : <Claim onClaimed={setKnown} />}
    </main>
  )
}

/** The last step's end: the owner is signed in. */
export function enterConsole(s: Session) {
  sessionStorage.removeItem(TOKEN)
  setSetupToken('')
  setup.set(null)
  setSession(s)
  navigate('/', true)
}
