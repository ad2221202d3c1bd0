import { passwordLength } from "../passwords.ts"
import { hidden } from "./page.ts"

const current = `<label for="current">Your password now</label>
<input id="current" name="current" type="password" autocomplete="current-password" required maxlength="1024">
`

/** Changes one's password, or sets the first one. */
export const passwordSection = (options: { readonly hasPassword: boolean; readonly csrf: string }): string =>
  `<h2>Password</h2>
<details><summary>${options.hasPassword ? "Change it" : "Set one"}</summary>
<form method="post" action="/auth/password/change">
${hidden("csrf_token", options.csrf)}
${options.hasPassword ? current : ""}<label for="new_password">New password, of at least ${passwordLength.min} characters</label>
<input id="new_password" name="password" type="password" autocomplete="new-password" required minlength="${passwordLength.min}" maxlength="${passwordLength.max}">
<button type="submit">Set the password</button>
<p>All other sessions end then, and what programs were let do.</p>
</form>
</details>`
