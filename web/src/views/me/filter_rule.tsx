// views/me/filter_rule.tsx: the dialog of one rule.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { FilterAction, FilterCondition, FilterRule } from '../../api/types'
import { t } from '../../text/t'
import { Button } from '../../ui/button'
import { FormDialog } from '../../ui/dialog'
import { CheckField, SelectField, TextArea, TextField } from '../../ui/field'

const FIELDS = ['from', 'to', 'to_or_cc', 'subject', 'header', 'body', 'list_id', 'size', 'attachment', 'spam'] as const
const TEXT_OPS = ['contains', 'is', 'starts_with', 'ends_with', 'matches', 'regex'] as const
const SIZE_OPS = ['over', 'under'] as const
const ACTIONS = ['move', 'copy', 'mark_read', 'flag', 'keyword', 'forward', 'reject', 'discard', 'stop'] as const
const VALUES = ['move', 'copy', 'keyword', 'forward', 'reject'] // actions that have one

type Word = typeof FIELDS[number]
type Verb = typeof ACTIONS[number]

export const NEW_RULE: FilterRule = {
  name: '', on: true, match: 'all',
  conditions: [{ field: 'from', op: 'contains', value: '' }], actions: [{ action: 'move', value: '' }],
}

const isBare = (c: FilterCondition) => c.field === 'attachment' || c.field === 'spam'

function conditionText(c: FilterCondition): string {
  const field = c.field === 'header' ? c.header ?? '' : t(`filter.field.${c.field as Word}`)
  const op = isBare(c) ? '' : t(`filter.op.${c.op as typeof TEXT_OPS[number]}`)
  return [c.not ? t('filter.not') : '', field, op, c.value ?? ''].filter(Boolean).join(' ')
}

export function conditionsText(r: FilterRule): string {
  if (r.conditions.length === 0) return t('filter.all_mail')
  return r.conditions.map(conditionText).join(r.match === 'any' ? t('filter.or') : t('filter.and'))
}

export function actionsText(r: FilterRule): string {
  return r.actions.map((a) => [t(`filter.action.${a.action as Verb}`), a.action === 'reject' ? '' : a.value ?? ''].filter(Boolean).join(' ')).join(', ')
}

function Condition({ c, onChange }: { c: FilterCondition, onChange: (c: FilterCondition) => void }) {
  const size = c.field === 'size'
  function field(name: string) {
    const bare = name === 'attachment' || name === 'spam'
    const kept = (name === 'size') === size ? c.op ?? 'contains' : name === 'size' ? 'over' : 'contains'
    onChange(bare ? { field: name, not: c.not ?? false }
      : { field: name, op: kept, value: c.value ?? '', not: c.not ?? false, ...(name === 'header' ? { header: c.header ?? '' } : {}) })
  }
  return (
    <>
      <SelectField label={t('filter.field')} value={c.field} onInput={field}
        choices={FIELDS.map((f) => ({ value: f, label: t(`filter.field.${f}`) }))} />
      {c.field === 'header' && <TextField label={t('filter.header')} value={c.header ?? ''} required placeholder="X-Priority"
        onInput={(header) => onChange({ ...c, header })} />}
      {!isBare(c) && (
        <>
          <SelectField label={t('filter.op')} value={c.op ?? 'contains'} onInput={(op) => onChange({ ...c, op })}
            choices={(size ? SIZE_OPS : TEXT_OPS).map((o) => ({ value: o, label: t(`filter.op.${o}`) }))} />
          <TextField label={t('filter.value')} help={size ? t('filter.size.help') : undefined} value={c.value ?? ''} required
            onInput={(value) => onChange({ ...c, value })} />
        </>
      )}
      <CheckField label={t('filter.negate')} checked={c.not ?? false} onInput={(not) => onChange({ ...c, not })} />
    </>
  )
}

function Action({ a, onChange }: { a: FilterAction, onChange: (a: FilterAction) => void }) {
  const has = VALUES.includes(a.action)
  return (
    <>
      <SelectField label={t('filter.action')} value={a.action}
        choices={ACTIONS.map((x) => ({ value: x, label: t(`filter.action.${x}`) }))}
        onInput={(action) => onChange(VALUES.includes(action) ? { action, value: a.value ?? '' } : { action })} />
      {a.action === 'reject' && <TextArea label={t('filter.to.reject')} value={a.value ?? ''} onInput={(value) => onChange({ ...a, value })} />}
      {has && a.action !== 'reject' && (
        <TextField label={t(`filter.to.${a.action as 'move' | 'copy' | 'keyword' | 'forward'}`)} value={a.value ?? ''} required
          onInput={(value) => onChange({ ...a, value })} />
      )}
      {a.action === 'forward' && <CheckField label={t('filters.forward.copy')} checked={a.copy ?? false}
        onInput={(copy) => onChange({ ...a, copy })} />}
    </>
  )
}

/** Items of a list, each in a group with a button to remove it. */
function Parts<T>(p: { legend: string, add: string, items: T[], fresh: T, onChange: (items: T[]) => void,
  part: (item: T, change: (item: T) => void) => ComponentChildren }) {
  return (
    <>
      {p.items.map((item, i) => (
        <fieldset key={i} class="filter-part">
          <legend>{p.legend} {i + 1}</legend>
          {p.part(item, (x) => p.onChange(p.items.map((y, n) => n === i ? x : y)))}
          <Button kind="quiet" onPress={() => p.onChange(p.items.filter((_, n) => n !== i))}>
            {t('remove')}<span class="unseen"> {p.legend} {i + 1}</span>
          </Button>
        </fieldset>
      ))}
      <Button icon="plus" onPress={() => p.onChange([...p.items, p.fresh])}>{p.add}</Button>
    </>
  )
}

export function EditRule(p: { rule: FilterRule, fresh: boolean, onClose: () => void, onSave: (r: FilterRule) => Promise<void> }) {
  const [rule, setRule] = useState(p.rule)
  return (
    <FormDialog title={p.fresh ? t('filters.add') : p.rule.name} act={t('save')} ready={rule.actions.length > 0}
      onClose={p.onClose} onAct={() => p.onSave(rule)}>
      <TextField label={t('filter.name')} value={rule.name} required autofocus onInput={(name) => setRule({ ...rule, name })} />
      <SelectField label={t('filter.match')} value={rule.match} onInput={(match) => setRule({ ...rule, match })}
        choices={[{ value: 'all', label: t('filter.match.all') }, { value: 'any', label: t('filter.match.any') }]} />
      <Parts legend={t('filter.condition')} add={t('filter.condition.add')} items={rule.conditions}
        fresh={{ field: 'from', op: 'contains', value: '' }} onChange={(conditions) => setRule({ ...rule, conditions })}
        part={(c, change) => <Condition c={c} onChange={change} />} />
      <Parts legend={t('filter.action')} add={t('filter.action.add')} items={rule.actions}
        fresh={{ action: 'mark_read' }} onChange={(actions) => setRule({ ...rule, actions })}
        part={(a, change) => <Action a={a} onChange={change} />} />
    </FormDialog>
  )
}
