import type * as Effect from "effect/Effect"
import type { Compression, CompressionAlgorithm } from "effect/http/HttpPlatform"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

type Request = HttpServerRequest.HttpServerRequest
type Response = HttpServerResponse.HttpServerResponse

/** The answer as it is to be sent, or an effect that packs it. */
export type Packing = (request: Request, response: Response) => Response | Effect.Effect<Response>

/** What is preferred where a client likes several alike: the least CPU time for nearly the same length first. */
const preferred: ReadonlyArray<CompressionAlgorithm> = ["zstd", "br", "gzip"]

/** Cheap ones: a higher level costs far more time than it saves bytes. */
const levels = { zstd: 3, br: 4, gzip: 6, deflate: 6 } as const

/**
 * Types that get much shorter. Streams of events and of JSON lines are not among them: they stay open for long and say
 * little at a time, and each would hold some hundred kilobytes for its packer.
 */
const packable =
  /^(?!text\/event-stream)(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript|wasm)\b|image\/svg)/i

const isPackable = ({ body, headers, status }: Response, from: number): boolean => {
  // The hot path ends here: most answers are short.
  if (body._tag === "Uint8Array" ? body.contentLength < from : body._tag !== "Stream") return false
  if (headers["content-encoding"] !== undefined || status === 206) return false
  return packable.test(headers["content-type"] ?? "") && !headers["cache-control"]?.includes("no-transform")
}

/**
 * Whether the length of an answer could tell somebody what is in it (BREACH): a page of somebody else can make a browser
 * ask with its cookies, and with words of its choice. A request with a token in its header cannot be made that way.
 */
const couldTell = (request: Request, response: Response): boolean =>
  request.headers.cookie !== undefined && !response.headers["cache-control"]?.includes("public")

/** Packs answers of `from` bytes and more, and those that stream, for clients that can unpack them. */
export const makePacking = (compression: Compression, from: number): Packing => {
  const codingOf = makeNegotiation(preferred.filter((each) => compression.algorithms.has(each)))
  return (request, response) => {
    if (!isPackable(response, from) || couldTell(request, response)) return response
    const coding = request.method === "HEAD" ? undefined : codingOf(request.headers["accept-encoding"])
    return coding === undefined
      ? HttpServerResponse.setHeader(response, "vary", varying(response.headers.vary))
      : compression.compressResponse(response, coding, { level: levels[coding] })
  }
}

const varying = (vary: string | undefined): string => {
  if (vary === undefined) return "Accept-Encoding"
  return /accept-encoding|\*/i.test(vary) ? vary : `${vary}, Accept-Encoding`
}

/** Answers that are kept, so that a flood of invented headers cannot grow the memory. */
const remembered = 64

type Negotiation = (header: string | undefined) => CompressionAlgorithm | undefined

/** What to pack with by an `Accept-Encoding` (RFC 9110, section 12.5.3); clients send few different ones. */
export const makeNegotiation = (offered: ReadonlyArray<CompressionAlgorithm>): Negotiation => {
  const known = new Map<string, CompressionAlgorithm | undefined>()
  return (header) => {
    if (header === undefined) return undefined
    if (known.has(header)) return known.get(header)
    const coding = best(offered, qualities(header))
    if (known.size < remembered) known.set(header, coding)
    return coding
  }
}

const qualities = (header: string): ReadonlyMap<string, number> =>
  new Map(
    header.split(",").map((each) => {
      const [coding = "", ...params] = each.toLowerCase().split(";")
      const q = params.map((param) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(param)?.[1]).find((value) => value !== undefined)
      return [coding.trim(), q === undefined ? 1 : Number(q)]
    })
  )

const best = (
  offered: ReadonlyArray<CompressionAlgorithm>,
  asked: ReadonlyMap<string, number>
): CompressionAlgorithm | undefined => {
  const quality = (coding: string): number => asked.get(coding) ?? asked.get("*") ?? 0
  // Whoever rather has it as it is has it as it is.
  let [found, most]: [CompressionAlgorithm | undefined, number] = [undefined, asked.get("identity") ?? 0]
  for (const coding of offered) {
    const own = quality(coding)
    if (own > most || (own === most && own > 0 && found === undefined)) [found, most] = [coding, own]
  }
  return found
}
