// state/trial.ts: settings that decide how these pages are reached are undone by the server unless
// somebody who still gets here says so in time.
import { ApiError, call, get } from '../api/client'
import type { SettingsTrial } from '../api/types'
import { store } from './store'

const TRIES = 8 // browsers keep six connections to a server

/** until: when they are undone, by this browser's clock. */
export const trial = store<{ names: string[], until: number }>({ names: [], until: 0 })

function keep(found: SettingsTrial) {
  trial.set({ names: found.names, until: Date.now() + found.seconds * 1000 })
}

export async function findTrial() {
  keep(await get<SettingsTrial>('/settings/trial'))
}

/** A connection from before the change proves nothing, so the server refuses and closes it; when
 * all of those are gone, a try has a new one. */
export async function confirmTrial(tries = TRIES): Promise<void> {
  try {
    keep(await call<SettingsTrial>('POST', '/settings/confirm'))
  } catch (e) {
    if (!(e instanceof ApiError && e.status === 409) || tries === 1) throw e
    await confirmTrial(tries - 1)
  }
}

export async function undoTrial() {
  keep(await call<SettingsTrial>('POST', '/settings/undo'))
}
