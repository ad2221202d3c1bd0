import type { Session } from "../../Auth.ts"
import type { Link } from "../providers/links.ts"
import type { Provider } from "../providers/profiles.ts"
import { alert, escaped, hidden, page } from "./page.ts"
import { linkedAccounts, providerButtons } from "./providerPages.ts"

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
}) =>
  page({
    ...options,
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
}) =>
  page({
    title: "Signed in",
    body: `<p>You are signed in as <b>${escaped(options.name)}</b>.</p>
<div class="choices">
<form method="post" action="/auth/logout">${hidden("csrf_token", options.csrf)}<button type="submit">Sign out</button></form>
<form method="post" action="/auth/logout">${hidden("csrf_token", options.csrf)}${hidden("everywhere", "true")}<button type="submit">Sign out everywhere</button></form>
</div>
<h2>Sessions</h2>
<ul>
${options.sessions.map((session) => `<li>${describe(session)}${session.id === options.current ? " (this one)" : ""}</li>`).join("\n")}
</ul>
${linkedAccounts(options)}`
  })

const time = (millis: number): string => new Date(millis).toISOString().slice(0, 16).replace("T", " ")

const describe = ({ address, lastSeenAt, userAgent }: Session): string =>
  escaped(`${userAgent ?? "unknown browser"}, ${address ?? "unknown address"}, last used ${time(lastSeenAt)} UTC`)
