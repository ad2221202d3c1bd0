/** The naming rules of the schema language, shared by `defineSchema` and the path parser. */

const pascal = /^[A-Z][A-Za-z0-9]*$/
const camel = /^[a-z][A-Za-z0-9]*$/
const snake = /^[a-z][a-z0-9_]*$/
const identifier = /^[A-Za-z][A-Za-z0-9_]*$/
const handle = /^[A-Za-z][A-Za-z0-9_-]*$/

/** Longest name of a class, method, property, function or view, so that `interface.<Name>` fits a slug. */
export const maxNameLength = 100

const fits = (rule: RegExp) => (name: string) => name.length <= maxNameLength && rule.test(name)

export const isPascalCase = fits(pascal)
export const isCamelCase = fits(camel)
/** Words of lower-case letters and digits, joined by one underscore. */
export const isSnakeCase = (name: string): boolean => fits(snake)(name) && !name.includes("__") && !name.endsWith("_")
/** Properties and params. */
export const isIdentifier = fits(identifier)
/** Functions and views: what may stand in a URL. */
export const isHandle = fits(handle)

const label = /^[a-z0-9-]+$/

/** An origin is a lower-case domain name of at least two labels, at most 128 bytes. */
export const isOrigin = (text: string): boolean => {
  if (text.length > 128 || !text.includes(".")) return false
  for (const part of text.split(".")) {
    if (part.length === 0 || part.length > 63 || part.startsWith("-") || part.endsWith("-") || !label.test(part)) {
      return false
    }
  }
  return true
}
