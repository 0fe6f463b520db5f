// api/client.ts: the only place that talks to the server.
import { sentence, t } from '../text/t'

/** What went wrong, as a sentence for a person; code is the server's, stable for programs. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message)
  }
}

/** Part of a list; next is where the following part begins, null at the end. */
export interface Page<T> {
  items: T[]
  next: string | null
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

let csrf = ''
let setupToken = ''
let onSignedOut = () => {}

export function setCsrf(token: string) {
  csrf = token
}

export function setSetupToken(token: string) {
  setupToken = token
}

/** called: when the server says that the session is over. */
export function whenSignedOut(called: () => void) {
  onSignedOut = called
}

function headers(method: Method, body: unknown): HeadersInit {
  const fields: Record<string, string> = {}
  if (method !== 'GET' && csrf !== '') fields['X-CSRF'] = csrf
  if (setupToken !== '') fields['X-Setup-Token'] = setupToken
  if (body !== undefined) fields['Content-Type'] = 'application/json'
  return fields
}

async function request(method: Method, path: string, body?: unknown, signal?: AbortSignal) {
  let response: Response
  try {
    response = await fetch(`/api${path}`, {
      method, headers: headers(method, body), credentials: 'same-origin',
      body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null,
    })
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw new ApiError(0, 'unreachable', t('error.unreachable'))
  }
  if (!response.ok) throw await refusal(response, path)
  return response
}

async function refusal(response: Response, path: string): Promise<ApiError> {
  const body = await response.json().catch(() => null) as
    { error?: { code?: string, message?: string } } | null
  const code = body?.error?.code ?? String(response.status)
  if (response.status === 401 && !path.startsWith('/login') && path !== '/session') onSignedOut()
  const known = body?.error?.message
  return new ApiError(response.status, code,
    known ? sentence(known) : t('error.status', { status: response.status }))
}

/** Asks the server; the answer is what openapi.json says of the path. */
export async function call<T>(method: Method, path: string, body?: unknown,
  signal?: AbortSignal): Promise<T> {
  const response = await request(method, path, body, signal)
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal)

export async function getText(path: string): Promise<string> {
  return (await request('GET', path)).text()
}

/** A query string of what is neither empty nor absent. */
export function query(fields: Record<string, string | number | undefined | null>): string {
  const given = Object.entries(fields).filter(([, v]) => v !== undefined && v !== null && v !== '')
  return given.length === 0 ? ''
    : '?' + given.map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`).join('&')
}

/** One part of a path: names may hold any character. */
export const part = encodeURIComponent
