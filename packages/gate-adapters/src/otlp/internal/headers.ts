import * as Result from "effect/Result"

// RFC 9110, section 5.6.2: what a header's name is made of.
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Reads `name=value,name=value` with percent-encoded values. What is wrong is said without showing a value. */
export const parseHeaders = (text: string): Result.Result<Readonly<Record<string, string>>, string> => {
  const headers: Record<string, string> = {}
  const parts = text.split(",").filter((part) => part.trim() !== "")
  for (const [index, part] of parts.entries()) {
    const mark = part.indexOf("=")
    const name = part.slice(0, Math.max(mark, 0)).trim()
    const value = decoded(part.slice(mark + 1).trim())
    if (!token.test(name) || value === undefined) {
      return Result.fail(
        `Header ${index + 1} of the setting "otlp.headers" is not name=value with a percent-encoded value.`
      )
    }
    headers[name.toLowerCase()] = value
  }
  return Result.succeed(headers)
}

const decoded = (text: string): string | undefined => {
  try {
    const value = decodeURIComponent(text)
    return /[\r\n\0]/.test(value) ? undefined : value
  } catch {
    return undefined
  }
}
