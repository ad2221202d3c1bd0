import type { SyncConnection, SyncStatement } from "@portico/gate/database"

/** Ends a work that needs more than what is remembered. */
class NotRemembered extends Error {
  override readonly name = "NotRemembered"
}

const notRemembered = new NotRemembered("This is not remembered and has to be read; let this error through.")

/** A connection to nothing: a work that uses it needs more than what is remembered, and is ended and done over. */
export class FromMemory implements SyncConnection {
  missed = false
  readonly #statement: SyncStatement

  constructor() {
    const miss = (): never => {
      this.missed = true
      throw notRemembered
    }
    this.#statement = { get: miss, all: miss, run: miss }
  }

  prepare(_sql: string): SyncStatement {
    return this.#statement
  }

  exec(_sql: string): void {
    this.#statement.run()
  }
}
