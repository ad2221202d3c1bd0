import * as Schema from "effect/Schema"

const isWebUrl = (text: string): boolean => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return `${url.username}${url.password}${url.search}${url.hash}` === "" && !/\s/.test(text)
}

/** The URL of a site, or of a folder of it: no name or password, no query, no fragment. */
export const WebUrl = Schema.String.check(
  Schema.makeFilter((text) => isWebUrl(text), { expected: "an http or https URL such as https://shop.example.dev" })
)

/** What browsers send as `Origin`, or `*`. */
export const Origin = Schema.String.check(
  Schema.makeFilter((text) => text === "*" || (isWebUrl(text) && new URL(text).origin === text), {
    expected: "an origin such as https://app.example.dev, without a path"
  })
)
