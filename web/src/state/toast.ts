// state/toast.ts: a short word that something was done; it goes away by itself.
import { store } from './store'

export const toast = store('')
let timer = 0

export function say(text: string) {
  toast.set(text)
  clearTimeout(timer)
  timer = setTimeout(() => toast.set(''), 5000)
}
