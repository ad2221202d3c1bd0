import type { Row, SqlValue, SyncConnection, SyncStatement } from "@portico/gate/database"
import { isReading } from "./isReading.ts"

/** What came back for a statement. */
export interface Answer {
  readonly rows: ReadonlyArray<Row>
  readonly changes: number
}

/** Sends a statement at once, without waiting for those before it. */
export type Send = (sql: string, params: ReadonlyArray<SqlValue> | undefined) => Promise<Answer>

/** A statement that was sent. */
class Asked {
  readonly key: string
  readonly resend: () => Promise<Answer>
  /** Settles with the answer, and never fails. */
  readonly settled: Promise<void>
  answer: Answer | undefined = undefined
  failed = false
  error: unknown = undefined

  constructor(key: string, send: () => Promise<Answer>) {
    this.key = key
    this.resend = send
    this.settled = send().then(
      (answer) => {
        this.answer = answer
      },
      (error: unknown) => {
        this.failed = true
        this.error = error
      }
    )
  }
}

/** Thrown into a work whose next answer has not come yet. Nobody but the replay should see it. */
class NotYet extends Error {
  override readonly name = "NotYet"
}

/** One for all: it is thrown often, and where from is of no interest. */
const notYet = new NotYet("The answer of this statement has not come yet; let this error through.")

/** A work asked for other changes when it was run again: it takes something from elsewhere than its statements. */
export class NotDeterministic extends Error {
  override readonly name = "NotDeterministic"
}

/**
 * Runs a synchronous work over an asynchronous connection. The work is run; where it looks at an answer that is not
 * here, it is given up, and run again once the answer has come. What changes rows is known by its place among such
 * statements and sent once; what only reads is known by its text, its parameters and the changes before it, so that it
 * does not matter whether every run asks for the same.
 *
 * Changes are sent without waiting; only who looks at what they came to waits.
 */
export class Replay {
  readonly #send: Send
  readonly #reads = new Map<string, Asked>()
  readonly #writes: Array<Asked> = []
  /** Everything, in order. */
  readonly #sent: Array<Asked> = []
  #made = 0
  #waitsFor: Asked | undefined
  #diverged = false

  constructor(send: Send) {
    this.#send = send
  }

  /** Runs `work` until it has all its answers. What `work` throws is what this throws. */
  async run<A>(work: () => A): Promise<A> {
    for (;;) {
      const outcome = this.#attempt(work)
      if (this.#diverged) throw new NotDeterministic("A database write asked for other changes when it was run again.")
      if (this.#waitsFor === undefined) return outcome()
      await this.#waitsFor.settled
    }
  }

  /** Ends once all that was sent is answered. */
  async settled(): Promise<void> {
    const last = this.#sent[this.#sent.length - 1]
    await last?.settled
  }

  /** The first statement that failed, as far as is known. */
  firstFailure(): { readonly error: unknown } | undefined {
    return this.#sent.find(({ failed }) => failed)
  }

  /** Sends again whatever was read so far; the answers of before are forgotten. */
  readAgain(): void {
    for (const [key, { resend }] of [...this.#reads]) this.#reads.set(key, this.#ask(key, resend))
  }

  readonly statement = (sql: string): SyncStatement =>
    isReading(sql)
      ? {
          get: (...params) => this.#read(sql, params).rows[0],
          all: (...params) => this.#read(sql, params).rows,
          run: (...params) => this.#read(sql, params)
        }
      : {
          get: (...params) => this.#looked(this.#write(sql, params)).rows[0],
          all: (...params) => this.#looked(this.#write(sql, params)).rows,
          run: (...params) => {
            const asked = this.#write(sql, params)
            const look = () => this.#looked(asked).changes
            return {
              get changes() {
                return look()
              }
            }
          }
        }

  exec(sql: string): void {
    this.#write(sql, undefined)
  }

  /** What the work came to, as a function that gives it or throws it. */
  #attempt<A>(work: () => A): () => A {
    this.#made = 0
    this.#waitsFor = undefined
    try {
      const result = work()
      return () => result
    } catch (thrown) {
      return () => {
        throw thrown
      }
    }
  }

  #read(sql: string, params: ReadonlyArray<SqlValue>): Answer {
    this.#goOn()
    const key = `${this.#made} ${keyOf(sql, params)}`
    const known = this.#reads.get(key)
    if (known !== undefined) return this.#looked(known)
    const asked = this.#ask(key, () => this.#send(sql, params))
    this.#reads.set(key, asked)
    return this.#looked(asked)
  }

  #ask(key: string, send: () => Promise<Answer>): Asked {
    const asked = new Asked(key, send)
    this.#sent.push(asked)
    return asked
  }

  #write(sql: string, params: ReadonlyArray<SqlValue> | undefined): Asked {
    this.#goOn()
    const key = keyOf(sql, params)
    const known = this.#writes[this.#made++]
    if (known === undefined) {
      const asked = this.#ask(key, () => this.#send(sql, params))
      this.#writes.push(asked)
      return asked
    }
    if (known.key !== key) {
      this.#diverged = true
      throw notYet
    }
    if (known.failed) throw known.error
    return known
  }

  #looked(asked: Asked): Answer {
    if (asked.failed) throw asked.error
    if (asked.answer !== undefined) return asked.answer
    this.#waitsFor = asked
    throw notYet
  }

  /** A work that caught the signal and went on gets it again. */
  #goOn(): void {
    if (this.#waitsFor !== undefined || this.#diverged) throw notYet
  }
}

const keyOf = (sql: string, params: ReadonlyArray<SqlValue> | undefined): string => {
  let key = sql
  for (const param of params ?? []) {
    key += "\u0000"
    key += param instanceof Uint8Array ? `b${Buffer.from(param).toString("base64")}` : `${typeof param} ${param}`
  }
  return key
}

/** A connection over whichever replay is running now; `current` throws where none is. */
export const replayed = (current: () => Replay): SyncConnection => ({
  prepare: (sql) => ({
    get: (...params) =>
      current()
        .statement(sql)
        .get(...params),
    all: (...params) =>
      current()
        .statement(sql)
        .all(...params),
    run: (...params) =>
      current()
        .statement(sql)
        .run(...params)
  }),
  exec: (sql) => current().exec(sql)
})
