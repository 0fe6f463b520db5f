// state/session.ts: who is signed in. undefined: not known yet; null: nobody.
import { ApiError, call, get, setCsrf, whenSignedOut } from '../api/client'
import { loginByPasskey } from '../api/passkey'
import type { Role, Session, Setup } from '../api/types'
import { store } from './store'

export const session = store<Session | null | undefined>(undefined)
/** null: there is an owner, so nothing to set up. */
export const setup = store<Setup | null>(null)

export function setSession(s: Session | null) {
  setCsrf(s?.csrf ?? '')
  session.set(s)
}

whenSignedOut(() => session.get() && setSession(null))

async function findSetup(): Promise<Setup | null> {
  try {
    return await get<Setup>('/setup')
  } catch (e) {
    if (e instanceof ApiError && (e.status === 404 || e.status === 403 || e.status === 401)) return null
    throw e
  }
}

async function findSession(): Promise<Session | null> {
  try {
    return await get<Session>('/session')
  } catch (e) {
    if (e instanceof ApiError && (e.status === 401 || e.status === 404)) return null
    throw e
  }
}

/** Finds out whether the server still has to be set up, and who we are. */
export async function begin() {
  const found = await findSession()
  if (found === null) setup.set(await findSetup())
  setSession(found)
}

export async function login(login: string, password: string, code: string) {
  setSession(await call<Session>('POST', '/login', { login, password, ...(code && { code }) }))
}

export async function loginWithPasskey() {
  setSession(await loginByPasskey())
}

export async function logout() {
  await call('POST', '/logout')
  setSession(null)
}

const RANK: Record<Role, number> = { user: 0, admin: 1, owner: 2 }

export function mayBe(role: Role): boolean {
  const s = session.get()
  return !!s && RANK[s.role] >= RANK[role]
}
