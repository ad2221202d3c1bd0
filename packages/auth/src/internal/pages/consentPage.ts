import { meaningOf } from "../oauth/scopes.ts"
import { alert, escaped, hidden, page } from "./page.ts"

const wishes = (words: ReadonlyArray<string>): string =>
  `<ul>\n${words.map((word) => `<li>${escaped(meaningOf(word))}</li>`).join("\n")}\n</ul>`

const choices = `<div class="choices">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</div>`

/** Asks whether a client may do what it wants to. */
export const consentPage = (options: {
  readonly client: string
  readonly person: string
  readonly words: ReadonlyArray<string>
  /** Where the answer goes. */
  readonly redirect: string
  readonly formTarget: string | undefined
  readonly query: string
  readonly csrf: string
}) =>
  page({
    title: "Allow access?",
    ...(options.formTarget === undefined ? {} : { formTarget: options.formTarget }),
    body: `<p>You are signed in as <b>${escaped(options.person)}</b>. A program that calls itself
<b>${escaped(options.client)}</b> asks to:</p>
${wishes(options.words)}
<p>The answer goes to <b>${escaped(options.redirect)}</b>. Allow this only if you have just asked that program to.</p>
<form method="post" action="/auth/authorize">
${hidden("request", options.query)}
${hidden("csrf_token", options.csrf)}
${choices}
</form>`
  })

/** Asks for the code that a device shows. */
export const deviceCodePage = (options: { readonly problem?: string; readonly status?: number } = {}) =>
  page({
    title: "Connect a device",
    ...(options.status === undefined ? {} : { status: options.status }),
    body: `<form method="get" action="/auth/device">
<label for="user_code">Code that the device shows</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="20" autofocus>
<button type="submit">Go on</button>
</form>
${alert(options.problem)}`
  })

/** Asks whether a device may do what it wants to. */
export const deviceConsentPage = (options: {
  readonly client: string
  readonly person: string
  readonly words: ReadonlyArray<string>
  readonly userCode: string
  readonly csrf: string
}) =>
  page({
    title: "Connect a device?",
    body: `<p>You are signed in as <b>${escaped(options.person)}</b>. A device with a program that calls itself
<b>${escaped(options.client)}</b> shows the code <b>${escaped(options.userCode)}</b> and asks to:</p>
${wishes(options.words)}
<p>Allow this only if the device is in front of you, and you have just asked it to.</p>
<form method="post" action="/auth/device">
${hidden("user_code", options.userCode)}
${hidden("csrf_token", options.csrf)}
${choices}
</form>`
  })

/** Says something, and that is all. */
export const messagePage = (title: string, text: string, status = 200) =>
  page({ title, status, body: status < 400 ? `<p role="status">${escaped(text)}</p>` : alert(text) })
