import { alert, escaped, hidden, page } from "./page.ts"

const codeField = (label: string, more = ""): string => `<label for="code">${label}</label>
<input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="40" autofocus${more}>`

/** Asks for the second factor of somebody whose password was right. */
export const codePage = (options: {
  readonly challenge: string
  readonly returnTo: string
  readonly problem?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}) =>
  page({
    ...options,
    title: "One more step",
    body: `<form method="post" action="/auth/login/code">
${hidden("challenge", options.challenge)}
${hidden("return_to", options.returnTo)}
${codeField("Code of your app, or a recovery code")}
<button type="submit">Sign in</button>
</form>
${alert(options.problem)}
<p><a href="/auth/login?return_to=${escaped(encodeURIComponent(options.returnTo))}">Begin anew</a></p>`
  })

/** Shows a new secret to an app, and asks for a code of it. `square` is markup. */
export const enrolPage = (options: {
  readonly square: string
  readonly secret: string
  readonly csrf: string
  readonly problem?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}) =>
  page({
    ...options,
    title: "Set up a second factor",
    body: `<p>Read this with an authenticator app, or type the key into it:</p>
<div class="square" role="img" aria-label="Square code that holds the key below">${options.square}</div>
<p>Key: <code>${escaped(options.secret.match(/.{1,4}/g)?.join(" ") ?? "")}</code></p>
<form method="post" action="/auth/second-factor/confirm">
${hidden("csrf_token", options.csrf)}
${codeField("Code that the app shows now", ' inputmode="numeric"')}
<button type="submit">Turn it on</button>
</form>
${alert(options.problem)}
<p><a href="/auth/login">Leave it off</a></p>`
  })

/** Shows the recovery codes, this once. */
export const recoveryPage = (codes: ReadonlyArray<string>, title: string) =>
  page({
    title,
    body: `<p role="status">From now on a password needs a code of your app. These codes are for when you have lost it. Each
works once, and they are shown only now: keep them where you would keep a spare key.</p>
<ul class="codes">
${codes.map((code) => `<li><code>${escaped(code)}</code></li>`).join("\n")}
</ul>
<p><a class="button" href="/auth/login">I have kept them</a></p>`
  })

const renewal = (csrf: string): string => `<details><summary>Get other recovery codes</summary>
<form method="post" action="/auth/second-factor/recovery-codes">
${hidden("csrf_token", csrf)}
<label for="renewal_code">Code of your app, or a recovery code</label>
<input id="renewal_code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="40">
<button type="submit">Show new ones</button>
<p>Those of before are worth nothing then.</p>
</form>
</details>`

const off = (options: { readonly csrf: string; readonly codesLeft: number; readonly isFresh: boolean }): string =>
  `<p>It is on: your password needs a code of your app. Recovery codes left: ${options.codesLeft}.</p>
${options.isFresh ? renewal(options.csrf) : ""}
<form method="post" action="/auth/second-factor/off">
${hidden("csrf_token", options.csrf)}
<label for="off_password">Your password, to turn it off</label>
<input id="off_password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button type="submit">Turn it off</button>
</form>`

const on = (csrf: string, isFresh: boolean): string =>
  isFresh
    ? `<p>A code of an app on your phone, beside your password.</p>
<form method="post" action="/auth/second-factor/begin">${hidden("csrf_token", csrf)}<button type="submit">Set it up</button></form>`
    : `<p><a href="/auth/login?return_to=%2Fauth%2Flogin">Sign in again</a> to set one up.</p>`

/** What there is, and how it is turned on and off. */
export const secondFactorSection = (options: {
  readonly isOn: boolean
  readonly isFresh: boolean
  readonly codesLeft: number
  readonly csrf: string
}): string => `<h2>Second factor</h2>
${options.isOn ? off(options) : on(options.csrf, options.isFresh)}`
