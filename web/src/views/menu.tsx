// views/menu.tsx: the menu, whose groups can be closed, and the tabs of the current page.
import { useEffect, useId, useState } from 'preact/hooks'
import { useAction } from '../state/load'
import { match } from '../state/route'
import { logout, mayBe, session } from '../state/session'
import { useStore } from '../state/store'
import { t } from '../text/t'
import { Button, Link } from '../ui/button'
import { Icon } from '../ui/icon'
import type { Tabs } from '../ui/page'
import { MENU, PAGES, type Entry, type PageRow, type Parameters } from './pages'

export function findPage(path: string): { page: PageRow, parameters: Parameters } | null {
  for (const page of PAGES) {
    const parameters = match(page.path, path)
    if (parameters && mayBe(page.role)) return { page, parameters }
  }
  return null
}

const allowed = (e: Entry) => e.pages.filter((p) => findPage(p.path))

/** The entry of a page, or of the page that it belongs to: /queue for /queue/17. */
function entryOf(path: string): Entry | undefined {
  const all = MENU.flatMap((m) => m.entries)
  const has = (e: Entry, part: string) => e.pages.some((p) => p.path === part)
  for (let part = path; part !== ''; part = part.slice(0, part.lastIndexOf('/'))) {
    const found = all.find((e) => has(e, part))
    if (found) return found
  }
  return undefined
}

/** The tabs of a page that is one of several on a subject. */
export function tabsOf(path: string): Tabs | null {
  const entry = entryOf(path)
  if (!entry || entry.pages.length === 1 || !entry.pages.some((p) => p.path === path)) return null
  return {
    title: t(entry.text),
    tabs: allowed(entry).map((p) => ({ to: p.path, text: t(p.text), current: p.path === path })),
  }
}

const CLOSED = 'roost.menu.closed' // names of closed groups, in localStorage

function readClosed(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(CLOSED) ?? '[]')
    return Array.isArray(names) ? names.map(String) : []
  } catch {
    return [] // no storage, or not ours
  }
}

function useClosed(): [string[], (names: string[]) => void] {
  const [closed, setClosed] = useState(readClosed)
  return [closed, (names) => {
    setClosed(names)
    try {
      localStorage.setItem(CLOSED, JSON.stringify(names))
    } catch { /* kept until the page is reloaded */ }
  }]
}

function Entries({ entries, path }: { entries: Entry[], path: string }) {
  const here = entryOf(path)
  return entries.map((e) => {
    const to = allowed(e)[0]!.path
    return (
      <li key={to}>
        <Link to={to} current={to === path} class={e === here && to !== path ? 'inside' : ''}>
          <Icon name={e.icon} />{t(e.text)}
        </Link>
      </li>
    )
  })
}

function MenuGroup(p: { name: string, open: boolean, onToggle: () => void, entries: Entry[], path: string }) {
  const id = useId()
  return (
    <div class="menu-group">
      <h2>
        <button type="button" aria-expanded={p.open} aria-controls={id} onClick={p.onToggle}>
          {p.name}<Icon name="next" />
        </button>
      </h2>
      <ul id={id} hidden={!p.open}><Entries entries={p.entries} path={p.path} /></ul>
    </div>
  )
}

export function Menu({ path, open }: { path: string, open: boolean }) {
  const leaving = useAction()
  const who = useStore(session)
  const [closed, setClosed] = useClosed()
  const here = entryOf(path)
  const groups = MENU.map((m) => ({ ...m, entries: m.entries.filter((e) => allowed(e).length > 0) }))
    .filter((m) => m.entries.length > 0)
  useEffect(() => { // the group of the current page opens
    const current = groups.find((m) => m.entries.some((e) => e === here))?.group
    if (current && closed.includes(current)) setClosed(closed.filter((c) => c !== current))
  }, [path])
  return (
    <nav id="menu" class={`menu ${open ? 'open' : ''}`} aria-label={t('nav.label')}>
      {groups.map(({ group, entries }) => group === null
        ? <ul key=""><Entries entries={entries} path={path} /></ul>
        : <MenuGroup key={group} name={t(`nav.group.${group}`)} entries={entries} path={path} open={!closed.includes(group)}
            onToggle={() => setClosed(closed.includes(group) ? closed.filter((c) => c !== group) : [...closed, group])} />)}
      <div class="menu-end">
        <p class="menu-who" title={who?.address}>{who?.address}</p>
        <Button kind="quiet" icon="out" busy={leaving.busy} onPress={() => void leaving.run(logout)}>
          {t('nav.leave')}
        </Button>
      </div>
    </nav>
  )
}
