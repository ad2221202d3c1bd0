import * as Result from "effect/Result"

/** A mail server, and as whom to speak to it. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, instead of by STARTTLS. */
  readonly secure: boolean
  readonly user: string | undefined
  readonly password: string | undefined
}

/** RFC 6409, section 3.1, and RFC 8314, section 7.3. */
const ports = { "smtp:": 587, "smtps:": 465 } as const

const isScheme = (text: string): text is keyof typeof ports => Object.hasOwn(ports, text)

/**
 * Reads `smtp[s]://[user[:password]@]host[:port]`, user and password percent-encoded. What is wrong is said without
 * showing any of it, since it may hold the password.
 */
export const parseMailUrl = (text: string): Result.Result<MailServer, string> => {
  const url = URL.parse(text)
  if (url === null || !isScheme(url.protocol)) return Result.fail("a URL such as smtps://user@mail.example.com")
  const { hash, hostname, pathname, port, protocol, search } = url
  if (hostname === "") return Result.fail("a URL with the name of a mail server")
  // Other programs take options here, among them one that turns the verification of certificates off.
  if (!["", "/"].includes(pathname) || search !== "" || hash !== "")
    return Result.fail("a URL that ends after the port")
  const user = decoded(url.username)
  const password = decoded(url.password)
  if (user === undefined || password === undefined)
    return Result.fail("a URL whose user and password are percent-encoded")
  return Result.succeed({
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? ports[protocol] : Number(port),
    secure: protocol === "smtps:",
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password
  })
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
