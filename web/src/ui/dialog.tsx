// ui/dialog.tsx: a question in front of the page; Escape and the cross close it.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useAction } from '../state/load'
import { t } from '../text/t'
import { Button, IconButton } from './button'
import { Form } from './field'
import { Failure } from './notice'

export function Dialog(p: { title: string, onClose: () => void, children: ComponentChildren }) {
  const id = useId()
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => { element.current?.showModal() }, [])
  return (
    <dialog ref={element} aria-labelledby={id} onClose={p.onClose}>
      <div class="dialog-head">
        <h2 id={id}>{p.title}</h2>
        <IconButton icon="close" label={t('close')} onPress={p.onClose} />
      </div>
      {p.children}
    </dialog>
  )
}

/** A dialog with a form; it closes when act succeeds. ready: false while it may not be sent yet. */
export function FormDialog(p: {
  title: string, act: string, danger?: boolean, ready?: boolean, onClose: () => void,
  onAct: () => Promise<unknown>, children: ComponentChildren
}) {
  const action = useAction()
  async function submit() {
    if (p.ready !== false && await action.run(p.onAct)) p.onClose()
  }
  return (
    <Dialog title={p.title} onClose={p.onClose}>
      <Form onSubmit={() => void submit()}>
        {p.children}
        <Failure text={action.error} />
        <div class="form-end">
          <Button onPress={p.onClose}>{t('cancel')}</Button>
          <Button submit kind={p.danger ? 'danger' : 'main'} disabled={p.ready === false} busy={action.busy}>{p.act}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
