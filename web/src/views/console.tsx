// views/console.tsx: menu beside the page, or above it on a phone.
import { useEffect, useRef, useState } from 'preact/hooks'
import { usePlace } from '../state/route'
import { mayBe } from '../state/session'
import { t } from '../text/t'
import { IconButton, Link } from '../ui/button'
import { Logo } from '../ui/logo'
import { Empty } from '../ui/notice'
import { Page, TabsContext } from '../ui/page'
import { findPage, Menu, tabsOf } from './menu'
import { Trial } from './trial'

function NotFound() {
  return (
    <Page title={t('lost.title')}>
      <Empty icon="search" text={t('lost.text')}><Link to="/">{t('lost.home')}</Link></Empty>
    </Page>
  )
}

export function Console() {
  const place = usePlace().pathname
  const [open, setOpen] = useState(false)
  const [turn, setTurn] = useState(0) // what is shown may have changed with the settings
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  const path = place === '/' && !mayBe('admin') ? '/me' : place // a user has no overview
  const shown = findPage(path)
  useEffect(() => {
    setOpen(false)
    if (!first.current) main.current?.focus() // a screen reader begins at the new page
    first.current = false
  }, [path])
  const View = shown?.page.view ?? NotFound
  return (
    <div class="console" onKeyDown={(e) => { if (e.key === 'Escape') setOpen(false) }}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus() }}>{t('nav.skip')}</a>
      <header class="bar">
        <Link to="/" class="brand"><Logo /><span>Roost</span></Link>
        <IconButton icon={open ? 'close' : 'menu'} label={t('nav.menu')} expanded={open}
          onPress={() => setOpen(!open)} />
      </header>
      <Menu path={path} open={open} />
      <main id="main" ref={main} tabIndex={-1}>
        {mayBe('owner') && <Trial onEnd={() => setTurn(turn + 1)} />}
        <TabsContext.Provider value={shown && tabsOf(path)}>
          <View key={`${path} ${turn}`} parameters={shown?.parameters ?? {}} />
        </TabsContext.Provider>
      </main>
    </div>
  )
}
