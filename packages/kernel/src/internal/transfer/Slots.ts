import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A number of works that may go on at once; more are refused, since who waits would hold a connection. */
export class Slots {
  readonly #most: number
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Takes one for as long as the scope lives. */
  get take(): Effect.Effect<void, PorticoError, Scope.Scope> {
    return Effect.asVoid(
      Effect.acquireRelease(
        Effect.suspend(() =>
          this.#taken < this.#most ? Effect.succeed(this.#taken++) : Effect.fail(tooMany(this.#most))
        ),
        () => Effect.sync(() => this.#taken--)
      )
    )
  }
}

const tooMany = (most: number): PorticoError =>
  PorticoError.make("RATE_LIMITED", `${most} exports run at once already; try again when one has ended`, { max: most })
