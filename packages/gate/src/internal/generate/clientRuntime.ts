/** Types that the parts below name, their own and the platform's. */
export const runtimeNames: ReadonlyArray<string> = [
  ..."ApiError CallOptions Client ClientOptions DataOf ErrorBody Failure QueryValue RequestFailed Sent Success".split(
    " "
  ),
  ..."AbortSignal Array ArrayBuffer ArrayBufferView Blob Error Extract FormData Headers JSON NonNullable Object".split(
    " "
  ),
  ..."Promise ReadableStream ReadonlyArray RequestInit Response ReturnType String Symbol TypeError URL".split(" "),
  ..."URLSearchParams Uint8Array".split(" ")
]

/** Names that no method of the client has: a language or its users would take it for something else. */
export const unfitMethods: ReadonlyArray<string> = [
  ..."then catch finally constructor prototype toString toLocaleString valueOf toJSON hasOwnProperty".split(" "),
  ..."isPrototypeOf propertyIsEnumerable".split(" ")
]

/** What a user of the client reads first. */
export const optionTypes = `/** Where the instance is, and who asks. */
export interface ClientOptions {
  /** For example \`http://localhost:4000\`. A path in it stays in front of every route. */
  readonly baseUrl: string | URL
  /** An access token or an API key, sent as \`Authorization: Bearer …\`. A function is asked before each request. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string } | undefined
  /** Used in place of the global \`fetch\`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/** What can be said of one request beyond what its operation takes. */
export interface CallOptions {
  /** Aborts it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly headers?: { readonly [name: string]: string } | undefined
  /** Parts of the query that the operation does not name. */
  readonly query?: { readonly [name: string]: QueryValue | ReadonlyArray<QueryValue> } | undefined
}

/** A value in a query. One that is undefined is left out. */
export type QueryValue = string | number | boolean | undefined

/** The operation was done. */
export interface Success<Status extends number, Data> {
  readonly ok: true
  readonly status: Status
  readonly data: Data
  readonly headers: Headers
}

/** The operation was refused or failed. All errors have one shape. */
export interface Failure<Status extends number = number> {
  readonly ok: false
  readonly status: Status
  readonly error: ApiError
  readonly headers: Headers
}

/** What went wrong: a \`code\` for programs, a \`message\` for people. */
export type ApiError = ErrorBody["error"]

/** The data of an outcome's successes. */
export type DataOf<Outcome> = Extract<Outcome, { readonly ok: true }> extends Success<number, infer Data> ? Data : never

/** A failure, as {@link dataOf} throws it. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed"
  readonly status: number
  readonly code: string
  readonly details: ApiError["details"]
  readonly requestId: string

  constructor({ error, status }: Failure) {
    super(error.message)
    this.status = status
    this.code = error.code
    this.details = error.details
    this.requestId = error.requestId
  }
}

/** The data of a success. A failure is thrown as {@link RequestFailed}. */
export const dataOf = async <Data>(outcome: Promise<Success<number, Data> | Failure>): Promise<Data> => {
  const settled = await outcome
  if (settled.ok) return settled.data
  throw new RequestFailed(settled)
}
`

/** How requests are sent and answers are read. */
export const implementation = String.raw`interface Sent {
  readonly method: string
  readonly path: string
  readonly query?: object | undefined
  readonly headers?: object | undefined
  readonly body?: unknown
  readonly mediaType?: string
}

const send = async <Outcome>(client: ClientOptions, request: Sent, options: CallOptions): Promise<Outcome> => {
  const headers = new Headers()
  for (const some of [client.headers, request.headers, options.headers]) {
    for (const [name, value] of Object.entries(some ?? {})) if (value !== undefined) headers.set(name, String(value))
  }
  const token = typeof client.token === "function" ? await client.token() : client.token
  if (token !== undefined) headers.set("authorization", "Bearer " + token)
  const init: RequestInit = { method: request.method, headers, signal: options.signal ?? null }
  if (request.body !== undefined) init.body = encodeBody(request.body, request.mediaType, headers)
  const query = queryText({ ...request.query, ...options.query })
  const url = String(client.baseUrl).replace(/\/+$/, "") + request.path + query
  const response = await (client.fetch ?? fetch)(url, init)
  const { status } = response
  const data = await read(response)
  const failed = data === unreadable || status >= 400
  const outcome = failed
    ? { ok: false, status, error: errorOf(response, data), headers: response.headers }
    : { ok: true, status, data, headers: response.headers }
  // The instance is taken at its word: it answers as its document says.
  return outcome as Outcome
}

const encodeBody = (body: unknown, mediaType: string | undefined, headers: Headers): NonNullable<RequestInit["body"]> => {
  if (body instanceof FormData || body instanceof URLSearchParams) return body
  if (!headers.has("content-type")) {
    const own = body instanceof Blob && body.type !== "" ? body.type : undefined
    headers.set("content-type", mediaType ?? own ?? "application/json")
  }
  if (body instanceof Blob || body instanceof ArrayBuffer) return body
  // A view of shared memory is the one kind that fetch refuses, and it says so itself.
  if (ArrayBuffer.isView(body)) return body as Uint8Array<ArrayBuffer>
  return typeof body === "string" && mediaType?.startsWith("text/") === true ? body : JSON.stringify(body)
}

const queryText = (query: object): string => {
  const all = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each === undefined) continue
      all.append(name, typeof each === "object" ? JSON.stringify(each) : String(each))
    }
  }
  return all.size === 0 ? "" : "?" + all.toString()
}

/** Stands for a body that is not what its content type says. */
const unreadable = Symbol("unreadable")

const read = async (response: Response): Promise<unknown> => {
  const type = (response.headers.get("content-type") ?? "").toLowerCase()
  if (response.body === null || type === "") {
    const text = await response.text()
    return text === "" ? undefined : text
  }
  if (/^application\/([\w.-]+\+)?json\b/.test(type)) {
    const text = await response.text()
    if (text === "") return undefined
    try {
      return JSON.parse(text)
    } catch {
      return unreadable
    }
  }
  if (type.startsWith("text/event-stream") && response.ok) return response.body
  return type.startsWith("text/") ? response.text() : response.blob()
}

const errorOf = (response: Response, body: unknown): ApiError => {
  const error: unknown = typeof body === "object" && body !== null && "error" in body ? body.error : undefined
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) return error as ApiError
  // Something on the way has answered, not the instance.
  const message = "The answer with status " + response.status + " is in no form that is known here."
  return { code: "UNREADABLE_ANSWER", message, requestId: response.headers.get("x-request-id") ?? "" }
}
`

/** Puts a parameter into a path. */
export const oneSegment = `/** A value as one segment of a path. */
const one = (value: unknown): string => {
  const text = String(value)
  // A URL drops these on its way, and the request would go elsewhere.
  if (text === "" || text === "." || text === "..") throw new TypeError(JSON.stringify(text) + " is no path segment")
  return encodeURIComponent(text)
}
`

/** Puts a parameter that takes everything below into a path; needs {@link oneSegment}. */
export const segmentsBelow = String.raw`/** A value as all segments to the end of a path; it may begin with a slash. */
const below = (value: unknown): string => {
  const text = String(value).replace(/^\//, "")
  return text === "" ? "" : text.split("/").map(one).join("/")
}
`
