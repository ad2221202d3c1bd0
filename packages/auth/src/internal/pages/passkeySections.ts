import type { Passkey } from "../passkeys/passkeyStore.ts"
import { escaped, hidden } from "./page.ts"
import { day } from "./times.ts"

/** A way in without a name and a password; only where scripts run and the browser has passkeys. */
export const passkeySignIn = (returnTo: string): string =>
  `<form data-passkey="sign-in" data-return-to="${escaped(returnTo)}" hidden>
<button type="submit">Sign in with a passkey</button>
<div role="alert"></div>
</form>`

const one = ({ createdAt, id, isSynced, name, usedAt }: Passkey, csrf: string): string => {
  const use = usedAt === null ? "not used yet" : `last used ${day(usedAt)}`
  return `<li>
<b>${escaped(name)}</b>: added ${day(createdAt)}, ${use}${isSynced ? ", kept elsewhere too" : ""}
<form method="post" action="/auth/passkeys/change" class="inline">
${hidden("csrf_token", csrf)}${hidden("id", id)}
<input name="name" aria-label="New name of ${escaped(name)}" value="${escaped(name)}" required maxlength="100" autocomplete="off">
<button type="submit" name="what" value="rename" aria-label="Rename ${escaped(name)}">Rename</button>
<button type="submit" name="what" value="remove" aria-label="Remove ${escaped(name)}">Remove</button>
</form>
</li>`
}

/** One's own passkeys, and a way to one more. `isFresh` is whether its person has just signed in. */
export const passkeySection = (options: {
  readonly passkeys: ReadonlyArray<Passkey>
  readonly csrf: string
  readonly isFresh: boolean
}): string => {
  const { csrf, isFresh, passkeys } = options
  const known = passkeys.length === 0 ? "" : `<ul>\n${passkeys.map((each) => one(each, csrf)).join("\n")}\n</ul>`
  const more = isFresh
    ? `<form data-passkey="add" data-csrf="${escaped(csrf)}" hidden>
<label for="passkey_name">Name of a new passkey (optional)</label>
<input id="passkey_name" maxlength="100" autocomplete="off">
<button type="submit">Add a passkey</button>
<div role="alert"></div>
</form>`
    : `<p><a href="/auth/login?return_to=%2Fauth%2Flogin">Sign in again</a> to add a passkey.</p>`
  return `<h2>Passkeys</h2>
<p>Sign in with the lock of your device, or with a security key, in place of a password.</p>
${known}
${more}`
}
