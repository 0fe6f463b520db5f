// ui/table.tsx: a list in columns; on a phone each row is a block with the column names in it.
import type { ComponentChildren } from 'preact'
import type { Listed } from '../state/load'
import { t } from '../text/t'
import { Button } from './button'
import type { IconName } from './icon'
import { Await, Empty } from './notice'

export interface Column<T> {
  title: string
  cell: (row: T) => ComponentChildren
  end?: boolean // numbers, times and buttons stand right
}

export function Table<T>(p: { label: string, columns: Column<T>[], rows: T[], id: (row: T) => string | number }) {
  return (
    <table class="table" aria-label={p.label}>
      <thead>
        <tr>{p.columns.map((c) => <th key={c.title} scope="col" class={c.end ? 'end' : undefined}>{c.title}</th>)}</tr>
      </thead>
      <tbody>
        {p.rows.map((row) => (
          <tr key={p.id(row)}>
            {p.columns.map((c) => (
              <td key={c.title} class={c.end ? 'end' : undefined} data-title={c.title}>{c.cell(row)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A list of the API as a table, with a button for its next part. */
export function ListTable<T>(p: {
  label: string, list: Listed<T>, columns: Column<T>[], id: (row: T) => string | number,
  icon: IconName, empty: string, start?: ComponentChildren
}) {
  return (
    <Await of={p.list}>
      {(rows) => rows.length === 0 ? <Empty icon={p.icon} text={p.empty}>{p.start}</Empty> : (
        <>
          <Table label={p.label} columns={p.columns} rows={rows} id={p.id} />
          {p.list.more && (
            <div class="more"><Button busy={p.list.busy} onPress={p.list.more}>{t('more')}</Button></div>
          )}
        </>
      )}
    </Await>
  )
}
