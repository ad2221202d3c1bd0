import { hash } from "node:crypto"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 34rem; margin: clamp(1rem, 6vw, 3rem) auto; padding: 0 1rem; overflow-wrap: anywhere }
label, button { display: block; margin-top: 1rem }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit }
button { padding: .5rem 1rem; font: inherit }
[hidden] { display: none !important }
.inline { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: .5rem }
.inline > * { margin-top: .25rem }
.inline input { flex: 1 1 10rem; width: auto; min-width: 0 }
a { color: inherit }
li { margin-top: .75rem }
li button { margin-top: .25rem }
code { overflow-wrap: anywhere; user-select: all }
.square svg { display: block; width: 14rem; max-width: 100%; height: auto }
.button { display: inline-block; margin-top: 1rem; padding: .5rem 1rem; border: 1px solid; border-radius: 3px; color: inherit; text-decoration: none }
fieldset { margin-top: 1rem }
.choices { display: flex; flex-wrap: wrap; gap: 1rem }
[role=alert]:not(:empty) { margin-top: 1rem; padding: .5rem; border: 2px solid currentColor }
`

const named: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text for a page, whoever wrote it. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => named[character] ?? "")

/** A field of a form that nobody sees. */
export const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`

/** What went wrong, said so that a screen reader says it too. */
export const alert = (text: string | undefined): string =>
  text === undefined ? "" : `<div role="alert">${escaped(text)}</div>`

/** What a page is made of. */
export interface PageParts {
  readonly title: string
  /** Markup; whatever comes from elsewhere in it is {@link escaped}. */
  readonly body: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Where its form may lead to besides this instance: browsers ask that of redirects too. */
  readonly formTarget?: string
  /** The only one that runs on the page; it may ask nobody but this instance. */
  readonly script?: string | undefined
}

const source = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`

const scripts = (script: string | undefined): string =>
  script === undefined ? "" : ` script-src ${source(script)}; connect-src 'self';`

/** A page loads nothing, and no script runs on it but its own. */
export const page = ({ body, formTarget, headers, script, status = 200, title }: PageParts) =>
  HttpServerResponse.text(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
${script === undefined ? "" : `<script type="module">${script}</script>\n`}</body>
</html>
`,
    {
      status,
      contentType: "text/html; charset=utf-8",
      headers: {
        "content-security-policy": `default-src 'none';${scripts(script)} style-src ${source(style)}; base-uri 'none'; form-action 'self'${formTarget === undefined ? "" : ` ${formTarget}`}; frame-ancestors 'none'`,
        "cache-control": "no-store",
        // With `no-referrer` a browser would say that a form comes from the origin `null`.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        ...headers
      }
    }
  )
