import type { Session } from "../../Auth.ts"
import type { Link } from "../providers/links.ts"
import type { Provider } from "../providers/profiles.ts"
import { browserName } from "./browserName.ts"
import { alert, escaped, hidden, page } from "./page.ts"
import { passkeyScript } from "./passkeyScript.ts"
import { passkeySignIn } from "./passkeySections.ts"
import { linkedAccounts, providerButtons } from "./providerPages.ts"
import { time } from "./times.ts"

/** Asks who somebody is. */
export const signInPage = (options: {
  readonly returnTo: string
  readonly problem?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** What was typed before. */
  readonly identity?: string
  readonly formTarget?: string
  readonly providers: ReadonlyArray<Provider>
  /** Whether browsers can have passkeys for this instance. */
  readonly passkeys: boolean
}) =>
  page({
    ...options,
    script: options.passkeys ? passkeyScript : undefined,
    title: "Sign in",
    body: `<form method="post" action="/auth/login">
${hidden("return_to", options.returnTo)}
<label for="identity">Name</label>
<input id="identity" name="identity" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="1024" value="${escaped(options.identity ?? "")}"${options.problem === undefined ? " autofocus" : ""}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${options.problem === undefined ? "" : " autofocus"}>
<button type="submit">Sign in</button>
</form>
${alert(options.problem)}
${options.passkeys ? passkeySignIn(options.returnTo) : ""}
${providerButtons(options.providers, { return_to: options.returnTo })}`
  })

/** Says who is signed in, and lets them sign out. */
export const signedInPage = (options: {
  readonly name: string
  readonly csrf: string
  readonly current: string
  readonly sessions: ReadonlyArray<Session>
  readonly providers: ReadonlyArray<Provider>
  readonly links: ReadonlyArray<Link>
  /** Markup about the ways in which this person signs in. */
  readonly ways: string
  readonly script?: string | undefined
}) =>
  page({
    title: "Signed in",
    script: options.script,
    body: `<p>You are signed in as <b>${escaped(options.name)}</b>.</p>
<div class="choices">
<form method="post" action="/auth/logout">${hidden("csrf_token", options.csrf)}<button type="submit">Sign out</button></form>
<form method="post" action="/auth/logout">${hidden("csrf_token", options.csrf)}${hidden("everywhere", "true")}<button type="submit">Sign out everywhere</button></form>
</div>
${options.ways}
${linkedAccounts(options)}
<h2>Sessions</h2>
<ul>
${options.sessions.map((session) => `<li>${describe(session)}${session.id === options.current ? " (this one)" : ending(session, options.csrf)}</li>`).join("\n")}
</ul>`
  })

const describe = ({ address, lastSeenAt, method, userAgent }: Session): string =>
  escaped(
    `${browserName(userAgent)}, ${address ?? "unknown address"}, signed in with ${method}, last used ${time(lastSeenAt)}`
  )

const ending = ({ id, lastSeenAt }: Session, csrf: string): string =>
  `<form method="post" action="/auth/sessions/end">${hidden("csrf_token", csrf)}${hidden("id", id)}<button type="submit" aria-label="End the session last used ${time(lastSeenAt)}">End</button></form>`
