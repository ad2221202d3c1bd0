import type { Link } from "../providers/links.ts"
import type { Provider } from "../providers/profiles.ts"
import { escaped, hidden, page } from "./page.ts"

/** Where a sign-in with a provider begins. */
const startOf = ({ id }: Provider, params: Readonly<Record<string, string>>): string =>
  `/auth/providers/${id}?${new URLSearchParams(params)}`

/** A way to each provider. */
export const providerButtons = (
  providers: ReadonlyArray<Provider>,
  params: Readonly<Record<string, string>>
): string =>
  providers.length === 0
    ? ""
    : `<div class="choices">
${providers.map((each) => `<a class="button" href="${escaped(startOf(each, params))}">Sign in with ${escaped(each.label)}</a>`).join("\n")}
</div>`

/** The accounts that somebody signs in with, and a way to more. */
export const linkedAccounts = (options: {
  readonly providers: ReadonlyArray<Provider>
  readonly links: ReadonlyArray<Link>
  readonly csrf: string
}): string => {
  const { csrf, links, providers } = options
  if (providers.length === 0 && links.length === 0) return ""
  const labelOf = (link: Link): string => providers.find(({ id }) => id === link.provider)?.label ?? link.provider
  const described = (link: Link): string => escaped(`${labelOf(link)}: ${link.email ?? link.name ?? link.subject}`)
  const token = hidden("csrf_token", csrf)
  return `<h2>Accounts to sign in with</h2>
<ul>
${links.map((link) => `<li>${described(link)}<form method="post" action="/auth/links/remove">${token}${hidden("id", link.id)}<button type="submit">Unlink ${described(link)}</button></form></li>`).join("\n")}
</ul>
<div class="choices">
${providers.map(({ id, label }) => `<form method="post" action="/auth/providers/${id}/link">${token}<button type="submit">Link ${escaped(label)}</button></form>`).join("\n")}
</div>`
}

/**
 * Leads on to another site. Browsers hold what a form may lead to against redirects, too, which this is none of
 * (CSP 3, `form-action`).
 */
export const leadOn = (url: URL, label: string, headers: Readonly<Record<string, string>> = {}) =>
  page({
    title: `On to ${label}`,
    body: `<p><a class="button" href="${escaped(url.href)}" rel="noreferrer">Go on to ${escaped(label)}</a></p>`,
    headers: { ...headers, refresh: `0; url=${url.href}`, "referrer-policy": "no-referrer" }
  })

/** Says that somebody is not signed in, and no more. */
export const notSignedIn = (provider: Provider, isAway: boolean) =>
  page({
    title: "Not signed in",
    status: isAway ? 503 : 403,
    body: `<div role="alert">${
      isAway
        ? `${escaped(provider.label)} cannot be reached just now. Try again later, or sign in another way.`
        : `You could not be signed in with ${escaped(provider.label)}. If it goes on, ask whoever looks after this instance.`
    }</div>
<p><a class="button" href="/auth/login">Back to sign-in</a></p>`
  })

/** Asks whoever was invited which account they want to sign in with. */
export const invitationPage = (options: {
  readonly person: string
  readonly code: string
  readonly providers: ReadonlyArray<Provider>
}) =>
  page({
    title: "You are invited",
    body: `<p>You are to be <b>${escaped(options.person)}</b> here. Choose the account that you want to sign in with from now on.</p>
${providerButtons(options.providers, { invitation: options.code })}`,
    headers: { "referrer-policy": "no-referrer" }
  })
