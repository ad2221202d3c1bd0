import { Agent, type IncomingMessage, request } from "node:http"

/** One request of a load. */
export interface Shot {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly token?: string
  readonly json?: unknown
}

/** What came of one. Without a status there was no answer. */
export interface Hit extends Shot {
  /** What the request calls itself, and the server's access log after it. */
  readonly id: string
  readonly status: number | undefined
  readonly retryAfter: string | undefined
  readonly body: string
  /** Why there was no answer, or not all of it. */
  readonly error: string | undefined
}

const bodyOf = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

/** Fires one, on a connection of `agent`. */
export const fire = (url: string, agent: Agent, id: string, shot: Shot): Promise<Hit> =>
  new Promise((resolve) => {
    const end = (answer: IncomingMessage | undefined, body: string, error?: Error): void =>
      resolve({
        ...shot,
        id,
        status: answer?.statusCode,
        retryAfter: answer?.headers["retry-after"],
        body,
        error: error?.message
      })
    const payload = shot.json === undefined ? undefined : JSON.stringify(shot.json)
    const sent = request(
      `${url}${shot.path}`,
      {
        agent,
        method: shot.method,
        headers: {
          "x-request-id": id,
          ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": payload.length }),
          ...(shot.token === undefined ? {} : { authorization: `Bearer ${shot.token}` })
        }
      },
      (answer) =>
        bodyOf(answer).then(
          (body) => end(answer, body),
          (error) => end(answer, "", error)
        )
    )
    sent.once("error", (error) => end(undefined, "", error))
    sent.end(payload)
  })

/** A load that runs. */
export interface Load {
  /** Resolves once so many answers are there. */
  readonly answered: (count: number) => Promise<void>
  /** Lets what is under way end, and gives everything that came of it. */
  readonly stop: () => Promise<ReadonlyArray<Hit>>
  /** The same, once each connection has met its first request without an answer. */
  readonly refused: Promise<ReadonlyArray<Hit>>
}

/** Asks on `connections` that are kept alive, one request after the other on each; never more than 20,000 in all. */
export const startLoad = (
  url: string,
  connections: number,
  next: (connection: number, index: number) => Shot
): Load => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const hits: Array<Hit> = []
  const most = 20_000
  let isOver = false
  let looks: ReadonlyArray<() => void> = []
  const run = async (connection: number): Promise<void> => {
    for (let index = 0; !isOver && hits.length < most; index++) {
      const hit = await fire(url, agent, `load-${connection}-${index}`, next(connection, index))
      hits.push(hit)
      for (const look of looks) look()
      if (hit.status === undefined) return
    }
  }
  const all = Promise.all(Array.from({ length: connections }, (_, connection) => run(connection))).then(() => {
    agent.destroy()
    return hits
  })
  return {
    answered: (count) => {
      const goal = hits.length + count
      return new Promise((resolve) => {
        const look = (): void => {
          if (hits.length >= goal) resolve()
        }
        looks = [...looks, look]
        look()
      })
    },
    stop: () => {
      isOver = true
      return all
    },
    refused: all
  }
}
