import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { setting } from "./setting.ts"
import { Bytes, Millis } from "./units.ts"
import { Origin, WebUrl } from "./webUrl.ts"

/** A described setting with a default. */
const field = <S extends Schema.Top>(
  schema: S,
  env: string,
  value: S["Encoded"],
  description: string,
  options?: { readonly flag: string }
) => setting(Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema), { env, description, ...options })

const Strings = Schema.Array(Schema.String)
const Count = Schema.Int.check(Schema.isGreaterThan(0))

/** The framework's own settings; their keys start with `gate.`. Times are in milliseconds, sizes in bytes. */
export const FrameworkConfig = Schema.Struct({
  host: field(
    Schema.String,
    "PORTICO_HOST",
    "localhost",
    "Address to listen on; localhost is both loopback addresses."
  ),
  port: field(Schema.Port, "PORTICO_PORT", 4000, "Port to listen on; 0 takes a free one."),
  dataDir: field(Schema.String, "PORTICO_DATA", "./.portico", "Folder for everything that is kept.", { flag: "data" }),
  publicUrl: Schema.optionalKey(
    setting(WebUrl, { env: "PORTICO_PUBLIC_URL", description: "The URL that people use, behind a proxy." })
  ),
  internalListen: Schema.optionalKey(
    setting(Schema.String, {
      env: "PORTICO_INTERNAL_LISTEN",
      description: "A listener of their own for internal routes: port, host:port, or unix:/path."
    })
  ),
  trustProxy: field(
    Strings,
    "PORTICO_TRUST_PROXY",
    [],
    "Proxies whose forwarded headers are believed: addresses, networks, or loopback."
  ),
  allowedHosts: field(
    Strings,
    "PORTICO_ALLOWED_HOSTS",
    [],
    "Host names that requests may ask for, besides the public URL's and loopback: name or name:port."
  ),
  corsOrigins: field(
    Schema.Array(Origin),
    "PORTICO_CORS_ORIGINS",
    [],
    "Origins of other sites whose pages may call; * for any, without cookies."
  ),
  egressAllowed: field(
    Strings,
    "PORTICO_EGRESS_ALLOWED",
    [],
    "What may be called by URLs that others chose though it is private: host names, addresses, networks, or loopback."
  ),
  compression: field(
    Schema.Boolean,
    "PORTICO_COMPRESSION",
    true,
    "Whether answers are compressed for clients that accept it; those to requests with cookies never are, unless public."
  ),
  compressFrom: field(
    Bytes,
    "PORTICO_COMPRESS_FROM",
    4_096,
    "Shortest answer that is compressed: what is shorter costs more time than it saves."
  ),
  bodyLimit: field(Bytes, "PORTICO_BODY_LIMIT", 4_194_304, "Longest request body."),
  headerLimit: field(Bytes, "PORTICO_HEADER_LIMIT", 16_384, "Longest request headers, together."),
  requestTimeout: field(Millis, "PORTICO_REQUEST_TIMEOUT", 30_000, "Time for a whole request to arrive."),
  headersTimeout: field(Millis, "PORTICO_HEADERS_TIMEOUT", 10_000, "Time for a request's headers to arrive."),
  socketFrameLimit: field(Bytes, "PORTICO_SOCKET_FRAME_LIMIT", 4_194_304, "Longest message that a socket may send."),
  socketCalls: field(Count, "PORTICO_SOCKET_CALLS", 256, "Calls that one socket may have running."),
  socketsPerCaller: field(Count, "PORTICO_SOCKETS_PER_CALLER", 32, "Sockets that one caller may have open."),
  socketBacklog: field(
    Bytes,
    "PORTICO_SOCKET_BACKLOG",
    1_048_576,
    "Bytes that may wait for a socket to take them; beyond that, what answers it waits."
  ),
  socketBacklogMessages: field(
    Count,
    "PORTICO_SOCKET_BACKLOG_MESSAGES",
    1_024,
    "Messages that may wait for a socket to take them."
  ),
  socketStallTimeout: field(
    Millis,
    "PORTICO_SOCKET_STALL_TIMEOUT",
    10_000,
    "Time after which a socket with a full backlog that takes nothing is cut."
  ),
  socketIdleTimeout: field(
    Millis,
    "PORTICO_SOCKET_IDLE_TIMEOUT",
    60_000,
    "Time after which a socket that says nothing is closed; half way it is asked for a sign of life."
  ),
  socketRecheck: field(
    Millis,
    "PORTICO_SOCKET_RECHECK",
    60_000,
    "Time between two looks at whether a socket's credential still holds."
  ),
  shutdownDelay: field(
    Millis,
    "PORTICO_SHUTDOWN_DELAY",
    0,
    "Time between being unready and no longer accepting, for a load balancer to notice."
  ),
  drainDeadline: field(Millis, "PORTICO_DRAIN_DEADLINE", 10_000, "Time for running requests to end when stopping."),
  moduleStopDeadline: field(Millis, "PORTICO_MODULE_STOP_DEADLINE", 5_000, "Time for one module to be released."),
  stopDeadline: field(Millis, "PORTICO_STOP_DEADLINE", 20_000, "Time for the whole stop."),
  startTimeout: field(Millis, "PORTICO_START_TIMEOUT", 30_000, "Time for one module to start."),
  accessLog: field(Schema.Boolean, "PORTICO_ACCESS_LOG", true, "Whether each request is logged."),
  logLevel: field(
    Schema.Literals(["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"]),
    "PORTICO_LOG_LEVEL",
    "Info",
    "The least severe lines to log."
  ),
  logFormat: field(
    Schema.Literals(["auto", "pretty", "json"]),
    "PORTICO_LOG_FORMAT",
    "auto",
    "How lines are written; auto is pretty on a terminal and json elsewhere."
  )
})

/** The framework's settings, decoded. Every module may read them without requiring them. */
export class FrameworkSettings extends Context.Service<FrameworkSettings, typeof FrameworkConfig.Type>()(
  "@portico/gate/FrameworkSettings"
) {}
