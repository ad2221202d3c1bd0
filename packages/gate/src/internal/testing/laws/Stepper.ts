import type * as Fiber from "effect/Fiber"
import { MixedScheduler } from "effect/Scheduler"

/** Turns that a fiber is held back for once its step has come, so that an interruption finds it just there. */
const held = 64

/** A scheduler that counts the steps of all fibers while it is told to, and acts when a certain one is reached. */
export class Stepper extends MixedScheduler {
  counting = false
  steps = 0
  readonly #stopAt: number | undefined
  #reached: () => void = () => {}
  #fiber: Fiber.Fiber<unknown, unknown> | undefined
  #turns = 0

  /** Steps are counted from 1. */
  constructor(stopAt: number | undefined) {
    super()
    this.#stopAt = stopAt
  }

  onReached(reached: () => void): void {
    this.#reached = reached
  }

  override shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    if (this.counting && ++this.steps === this.#stopAt) {
      this.counting = false
      this.#fiber = fiber
      this.#turns = held
      this.#reached()
    }
    if (fiber === this.#fiber && this.#turns-- > 0) return true
    return super.shouldYield(fiber)
  }
}
