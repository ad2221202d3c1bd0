/** What is added to answers for pages of other origins. */
export interface Cors {
  /** Headers of an answer to `origin`, or `undefined` if that origin is not let in. */
  readonly headers: (origin: string) => Readonly<Record<string, string>> | undefined
  /** Headers of the answer to a preflight. */
  readonly preflight: (
    origin: string,
    allowed: ReadonlyArray<string>,
    asked: string | undefined
  ) => Readonly<Record<string, string>> | undefined
}

const exposed =
  "x-request-id, etag, portico-output, retry-after, ratelimit, ratelimit-policy, www-authenticate, dpop-nonce"

const everyone = { "access-control-allow-origin": "*", "access-control-expose-headers": exposed }

const preflightOf = (
  base: Readonly<Record<string, string>>,
  allowed: ReadonlyArray<string>,
  asked: string | undefined
): Readonly<Record<string, string>> => ({
  ...base,
  "access-control-allow-methods": allowed.join(", "),
  "access-control-allow-headers": asked ?? "authorization, content-type, idempotency-key, x-request-id",
  "access-control-max-age": "600"
})

/** Lets every page in, without credentials: for routes that say so themselves. */
export const anyOrigin: Cors = {
  headers: () => everyone,
  preflight: (_origin, allowed, asked) => preflightOf(everyone, allowed, asked)
}

/**
 * `origins` are exact, for example `https://app.example.com`; `*` lets every page in, but without credentials.
 * Credentials are cookies; a page that sends a token itself needs none.
 */
export const makeCors = (origins: ReadonlyArray<string>): Cors | undefined => {
  if (origins.length === 0) return undefined
  const any = origins.includes("*")
  const known = new Map(
    origins.map((origin) => [
      origin,
      {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": exposed,
        vary: "Origin"
      }
    ])
  )
  const headers: Cors["headers"] = (origin) => known.get(origin) ?? (any ? everyone : undefined)
  return {
    headers,
    preflight: (origin, allowed, asked) => {
      const base = headers(origin)
      return base && preflightOf(base, allowed, asked)
    }
  }
}
