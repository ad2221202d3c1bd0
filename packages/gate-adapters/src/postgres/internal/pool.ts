import type { Session } from "./session.ts"

/** Sessions that are shared, one user at a time. */
export interface SessionPool {
  readonly use: <A>(work: (session: Session) => Promise<A>) => Promise<A>
  readonly close: () => Promise<void>
}

/** Opens sessions when they are wanted, at most `size`; whoever comes when all are taken waits for one. */
export const makePool = (open: () => Promise<Session>, size: number): SessionPool => {
  const idle: Array<Session> = []
  const waiting: Array<() => void> = []
  const all = new Set<Session>()
  let taken = 0
  let closed = false

  const take = async (): Promise<Session> => {
    while (taken >= size) await new Promise<void>((resolve) => waiting.push(resolve))
    taken++
    for (let session = idle.pop(); session !== undefined; session = idle.pop()) {
      if (!session.isBroken()) return session
      all.delete(session)
    }
    try {
      const session = await open()
      all.add(session)
      return session
    } catch (cause) {
      leave()
      throw cause
    }
  }

  const leave = () => {
    taken--
    waiting.shift()?.()
  }

  return {
    use: async (work) => {
      const session = await take()
      try {
        return await work(session)
      } finally {
        if (closed || session.isBroken()) {
          all.delete(session)
          void session.close()
        } else {
          idle.push(session)
        }
        leave()
      }
    },
    close: async () => {
      closed = true
      await Promise.all([...all].map((session) => session.close()))
    }
  }
}
