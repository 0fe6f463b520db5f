// ui/page.tsx: the frame of a page and the parts on it.
import { createContext, type ComponentChildren } from 'preact'
import { useContext, useEffect } from 'preact/hooks'
import { Link } from './button'
import { Icon } from './icon'

export interface Tabs {
  title: string
  tabs: { to: string, text: string, current: boolean }[]
}

/** The tabs of the current page: links to the pages of the same subject. */
export const TabsContext = createContext<Tabs | null>(null)

export function Page(p: {
  title: string, intro?: ComponentChildren, back?: { to: string, label: string },
  actions?: ComponentChildren, children: ComponentChildren
}) {
  const subject = useContext(TabsContext)
  useEffect(() => {
    document.title = [p.title, subject?.title, 'Roost'].filter(Boolean).join(' · ')
  }, [p.title, subject?.title])
  return (
    <>
      {p.back && <Link to={p.back.to} class="back"><Icon name="back" />{p.back.label}</Link>}
      <header class="page-head">
        <div>
          <h1>{subject?.title ?? p.title}</h1>
          {!subject && p.intro && <p class="intro">{p.intro}</p>}
        </div>
        {p.actions && <div class="actions">{p.actions}</div>}
      </header>
      {subject && (
        <nav class="tabs" aria-label={subject.title}>
          {subject.tabs.map((tab) => <Link key={tab.to} to={tab.to} current={tab.current}>{tab.text}</Link>)}
        </nav>
      )}
      {subject && p.intro && <p class="intro">{p.intro}</p>}
      {p.children}
    </>
  )
}

export function Card(p: { title?: string, actions?: ComponentChildren, class?: string, children: ComponentChildren }) {
  return (
    <section class={`card ${p.class ?? ''}`}>
      {p.title && (
        <div class="card-head">
          <h2>{p.title}</h2>
          {p.actions && <div class="actions">{p.actions}</div>}
        </div>
      )}
      {p.children}
    </section>
  )
}

/** Names and what they are, in two columns; what is empty is left out. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.filter(([, value]) => value !== '' && value !== false && value !== null).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  )
}
