import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import type { CookieRules } from "../sessions/sessionCookie.ts"

/** Milliseconds that somebody may take at their provider. */
export const patience = 600_000

/** Sign-ins that one browser may have under way. */
const most = 4

/** What a sign-in is for. */
export interface Purpose {
  /** Id of the provider. */
  readonly provider: string
  readonly returnTo: string
  /** Id of the session whose person wants to sign in with the provider from now on. */
  readonly link?: string | undefined
  /** Code of an invitation. */
  readonly invitation?: string | undefined
  /** Whether its person has to show the provider who they are, although they may have done so before. */
  readonly again?: boolean | undefined
}

/** A sign-in that is under way. The browser keeps it, so that nobody can fill the database by beginning many. */
export interface LoginState extends Purpose {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly begunAt: number
  readonly until: number
  /** What the provider is sent and sends back: it is good only together with the cookie. */
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
}

const Kept = Schema.fromJsonString(
  Schema.Struct({
    p: Schema.String,
    r: Schema.String,
    u: Schema.Int,
    s: Schema.String,
    l: Schema.optionalKey(Schema.String),
    i: Schema.optionalKey(Schema.String),
    a: Schema.optionalKey(Schema.Literal(1))
  })
)
const decodeKept = Schema.decodeUnknownResult(Kept)

const derived = (what: string, from: string): string => sha256(`${what} ${from}`).toString("base64url")

const nameOf = ({ name }: CookieRules, id: string): string => `${name.replace(/_session$/, "_login")}-${id}`

const setCookie = (rules: CookieRules, id: string, value: string, maxAge: number): string =>
  `${nameOf(rules, id)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${rules.secure ? "; Secure" : ""}`

/** `Set-Cookie` that takes a sign-in out of the browser. */
export const forgetLogin = (rules: CookieRules, id: string): string => setCookie(rules, id, "", 0)

const format = /^[A-Za-z0-9_-]{1,4000}$/

const parse = (id: string, value: string): LoginState | undefined => {
  if (!format.test(value)) return undefined
  const kept = decodeKept(Buffer.from(value, "base64url").toString())
  if (Result.isFailure(kept)) return undefined
  const { a, i, l, p, r, s, u } = kept.success
  return {
    id,
    provider: p,
    returnTo: r,
    link: l,
    invitation: i,
    again: a === 1,
    begunAt: u - patience,
    until: u,
    // All of what the cookie says, so that no part of it can be another one.
    state: `${id}.${derived("state", value)}`,
    nonce: derived("nonce", s),
    verifier: derived("verifier", s)
  }
}

/** The ids of sign-ins that a browser has under way, by its cookies. */
const underWay = (header: string | undefined, rules: CookieRules): ReadonlyMap<string, string> => {
  const prefix = nameOf(rules, "")
  const pairs = (header ?? "").split(";").map((pair) => pair.trim())
  return new Map(
    pairs.flatMap((pair): ReadonlyArray<[string, string]> => {
      const at = pair.indexOf("=")
      return pair.startsWith(prefix) && at !== -1 ? [[pair.slice(prefix.length, at), pair.slice(at + 1)]] : []
    })
  )
}

/** Begins a sign-in. `cookies` are what the answer sets: this one, and the end of those that are too many. */
export const beginLogin = (
  rules: CookieRules,
  purpose: Purpose,
  now: number,
  header: string | undefined
): { readonly login: LoginState; readonly cookies: ReadonlyArray<string> } => {
  const id = randomName()
  const kept = {
    p: purpose.provider,
    r: purpose.returnTo,
    u: now + patience,
    s: randomSecret(),
    ...(purpose.link === undefined ? {} : { l: purpose.link }),
    ...(purpose.invitation === undefined ? {} : { i: purpose.invitation }),
    ...(purpose.again === true ? { a: 1 as const } : {})
  }
  const value = Buffer.from(JSON.stringify(kept)).toString("base64url")
  const login = parse(id, value)
  if (login === undefined) throw new Error("a sign-in cannot be kept")
  const before = [...underWay(header, rules).keys()]
  const over = before.length < most ? [] : before
  return {
    login,
    cookies: [
      setCookie(rules, id, value, patience / 1_000),
      ...over.filter((each) => /^[0-9a-f]{20}$/.test(each)).map((each) => forgetLogin(rules, each))
    ]
  }
}

/** The sign-in that this browser began and that an answer with `state` belongs to. */
export const findLogin = (
  rules: CookieRules,
  header: string | undefined,
  state: string | undefined
): LoginState | undefined => {
  const id = /^([0-9a-f]{20})\.[A-Za-z0-9_-]{43}$/.exec(state ?? "")?.[1]
  const value = id === undefined ? undefined : underWay(header, rules).get(id)
  const login = id === undefined || value === undefined ? undefined : parse(id, value)
  return login !== undefined && sameBytes(Buffer.from(login.state), Buffer.from(state ?? "")) ? login : undefined
}
