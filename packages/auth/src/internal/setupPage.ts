import { hash } from "node:crypto"
import { passwordLength } from "./passwords.ts"

/** The page behind the one-time link, and the headers it is served with. */
export interface SetupPage {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: clamp(1rem, 6vw, 3rem) auto; padding: 0 1rem }
label, output, button { display: block; margin-top: 1rem }
[hidden] { display: none !important }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .5rem 1rem; font: inherit }
code { display: block; padding: .5rem; border: 1px solid; overflow-wrap: anywhere; user-select: all }
[role=alert]:not(:empty) { margin-top: 1rem; padding: .5rem; border: 2px solid currentColor }
`

// The code is in the fragment, which browsers send to nobody; it leaves the address bar as soon as it is read.
// Whatever comes back is shown as text, never as markup.
const script = `
const code = location.hash.slice(1)
history.replaceState(null, "", location.pathname)
const form = document.querySelector("form")
const problem = document.querySelector("[role=alert]")
const say = (text) => { problem.textContent = text }
form.hidden = code === ""
if (form.hidden) say("This page is opened by the one-time link that the product prints when it starts.")
form.addEventListener("submit", async (event) => {
  event.preventDefault()
  const { password, again } = form.elements
  if (password.value !== again.value) { say("The two passwords differ."); again.focus(); return }
  const button = form.querySelector("button")
  button.disabled = true
  say("")
  try {
    const response = await fetch(location.pathname, {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "omit",
      body: JSON.stringify(password.value === "" ? { code } : { code, password: password.value })
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.error.message)
    document.querySelector("#identity").textContent = answer.identity.path
    document.querySelector("#key").textContent = answer.apiKey
    form.hidden = true
    const done = document.querySelector("#done")
    done.hidden = false
    done.focus()
  } catch (error) {
    say(error instanceof Error ? error.message : "That did not work.")
    button.disabled = false
  }
})
`

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>First administrator</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>First administrator</h1>
<form autocomplete="on">
<p>This makes <b>/identities/admin</b>, who may do everything here. A password lets you sign in again; without one there
is the API key that you are shown next.</p>
<input type="text" name="username" value="admin" autocomplete="username" hidden>
<label for="password">Password (optional, at least ${passwordLength.min} characters)</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${passwordLength.min}" maxlength="${passwordLength.max}" autofocus>
<label for="again">The same password again</label>
<input id="again" name="again" type="password" autocomplete="new-password" maxlength="${passwordLength.max}">
<button type="submit">Make the administrator</button>
</form>
<div role="alert"></div>
<section id="done" tabindex="-1" aria-labelledby="done-title" hidden>
<h2 id="done-title">Done</h2>
<p>You are <b id="identity"></b>. This API key is shown only now; keep it as you would a password:</p>
<code id="key"></code>
</section>
<noscript><p>Without scripts: send <code>{"code": "…", "password": "…"}</code> as JSON with POST to this address. The code
is what follows <b>#</b> in the link.</p></noscript>
</main>
<script>${script}</script>
</body>
</html>
`

const source = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`

/** Nothing runs on the page but its own script and style, and it talks to nobody but us. */
export const makeSetupPage = (): SetupPage => ({
  html,
  headers: {
    "content-security-policy": `default-src 'none'; script-src ${source(script)}; style-src ${source(style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff"
  }
})
