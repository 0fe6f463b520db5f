// views/console.tsx: menu beside the page, or above it on a phone.
import { useEffect, useRef, useState } from 'preact/hooks'
import { useAction } from '../state/load'
import { match, usePlace } from '../state/route'
import { logout, mayBe, session } from '../state/session'
import { useStore } from '../state/store'
import { t } from '../text/t'
import { Button, IconButton, Link } from '../ui/button'
import { Icon } from '../ui/icon'
import { Logo } from '../ui/logo'
import { Empty } from '../ui/notice'
import { Page } from '../ui/page'
import { Trial } from './trial'
import { GROUPS, PAGES, type Group, type PageRow, type Parameters } from './pages'

function MenuGroup({ group, path }: { group: Group, path: string }) {
  const rows = PAGES.filter((p) => p.menu?.group === group && mayBe(p.role))
  if (rows.length === 0) return null
  return (
    <div class="menu-group">
      <h2>{t(`nav.group.${group}`)}</h2>
      <ul>
        {rows.map((p) => (
          <li key={p.path}>
            <Link to={p.path} current={p.path === path}
              class={path !== p.path && p.path.length > 1 && p.path !== '/me' && path.startsWith(p.path + '/') ? 'inside' : ''}>
              <Icon name={p.menu!.icon} />{t(p.menu!.text)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Menu({ path, open }: { path: string, open: boolean }) {
  const leaving = useAction()
  const who = useStore(session)
  return (
    <nav id="menu" class={`menu ${open ? 'open' : ''}`} aria-label={t('nav.label')}>
      {GROUPS.map((group) => <MenuGroup key={group} group={group} path={path} />)}
      <div class="menu-end">
        <p class="menu-who" title={who?.address}>{who?.address}</p>
        <Button kind="quiet" icon="out" busy={leaving.busy} onPress={() => void leaving.run(logout)}>
          {t('nav.leave')}
        </Button>
      </div>
    </nav>
  )
}

function find(path: string): { page: PageRow, parameters: Parameters } | null {
  for (const page of PAGES) {
    const parameters = match(page.path, path)
    if (parameters && mayBe(page.role)) return { page, parameters }
  }
  return null
}

function NotFound() {
  return (
    <Page title={t('lost.title')}>
      <Empty icon="search" text={t('lost.text')}><Link to="/">{t('lost.home')}</Link></Empty>
    </Page>
  )
}

export function Console() {
  const path = usePlace().pathname
  const [open, setOpen] = useState(false)
  const [turn, setTurn] = useState(0) // what is shown may have changed with the settings
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // Who is no administrator has nothing to oversee: his first page is his own.
  const shown = find(path === '/' && !mayBe('admin') ? '/me' : path)
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
      <Menu path={shown?.page.path === '/me' ? '/me' : path} open={open} />
      <main id="main" ref={main} tabIndex={-1}>
        {mayBe('owner') && <Trial onEnd={() => setTurn(turn + 1)} />}
        <View key={`${path} ${turn}`} parameters={shown?.parameters ?? {}} />
      </main>
    </div>
  )
}
