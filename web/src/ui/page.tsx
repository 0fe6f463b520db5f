// ui/page.tsx: the frame of a page and the parts on it.
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { Link } from './button'
import { Icon } from './icon'

export function Page(p: {
  title: string, intro?: ComponentChildren, back?: { to: string, label: string },
  actions?: ComponentChildren, children: ComponentChildren
}) {
  useEffect(() => { document.title = `${p.title} · Roost` }, [p.title])
  return (
    <>
      {p.back && <Link to={p.back.to} class="back"><Icon name="back" />{p.back.label}</Link>}
      <header class="page-head">
        <div>
          <h1>{p.title}</h1>
          {p.intro && <p class="intro">{p.intro}</p>}
        </div>
        {p.actions && <div class="actions">{p.actions}</div>}
      </header>
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
