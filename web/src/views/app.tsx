// views/app.tsx: what a visitor sees: the setup, the login, or the console.
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useLoad } from '../state/load'
import { navigate, usePlace } from '../state/route'
import { begin, session, setup } from '../state/session'
import { useStore } from '../state/store'
import { toast } from '../state/toast'
import { Logo } from '../ui/logo'
import { Await } from '../ui/notice'
import { Console } from './console'
import { LoginPage } from './login'
import { SetupPage } from './setup/wizard'

function Toast() {
  return <div class="toast" role="status" aria-live="polite">{useStore(toast)}</div>
}

function Visitor() {
  const who = useStore(session)
  const open = useStore(setup)
  const here = usePlace()
  const outside = here.pathname === '/login' || here.pathname === '/setup'
  const place = who ? (outside ? '/' : here.pathname) : open ? '/setup' : here.pathname
  useEffect(() => {
    if (place !== here.pathname) navigate(place + (who ? '' : here.search), true)
  }, [place, here.pathname])
  if (who) return <Console />
  return open ? <SetupPage /> : <LoginPage />
}

/** As in index.html: what is there before we know who looks. */
function Frame({ children }: { children: ComponentChildren }) {
  return (
    <div class="console">
      <header class="bar"><span class="brand"><Logo /><span>Roost</span></span></header>
      <main>{children}</main>
    </div>
  )
}

export function App() {
  const known = useLoad(async () => { await begin(); return true }, [])
  return (
    <>
      {known.data ? <Visitor /> : <Frame><Await of={known}>{() => null}</Await></Frame>}
      <Toast />
    </>
  )
}
