import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** The laws that a module's life is held to. */
export const lifecycleLaw = {
  started: "only what started is released",
  once: "each is released exactly once",
  reverse: "release goes in reverse order of need",
  order: "nothing starts before what it needs",
  left: "no fiber, timer or handle is left",
  again: "what was stopped starts again"
} as const

/** One of the sentences of {@link lifecycleLaw}. */
export type LifecycleLaw = (typeof lifecycleLaw)[keyof typeof lifecycleLaw]

/** A law, and what was seen that breaks it. */
export interface Breach {
  readonly law: LifecycleLaw
  readonly seen: string
}

/**
 * Where fakes write down what a module holds, so that `lifecycleLaws` can follow it. A name stands for one thing that is
 * held at most once at a time; the keys of the services in `provide` are names too, and are held while those are up.
 */
export class Ledger extends Context.Service<
  Ledger,
  {
    /** `name` is held from now on; all of `needs` must be held already, and may not go before it. */
    readonly acquire: (name: string, needs?: ReadonlyArray<string>) => Effect.Effect<void>
    readonly release: (name: string) => Effect.Effect<void>
  }
>()("@portico/gate/testing/Ledger") {}

/** Follows one life. Keeps the first breach, and what happened until then. */
export class LedgerBook {
  readonly events: Array<string> = []
  breach: Breach | undefined = undefined
  readonly #held = new Map<string, ReadonlyArray<string>>()
  /** What was held when something that it needs went, with the name of that. */
  readonly #outlived = new Map<string, string>()

  readonly service: Ledger["Service"] = {
    acquire: (name, needs = []) => Effect.sync(() => this.acquire(name, needs)),
    release: (name) => Effect.sync(() => this.release(name))
  }

  acquire(name: string, needs: ReadonlyArray<string>): void {
    this.note(`+ ${name}`)
    const missing = needs.find((need) => !this.#held.has(need))
    if (this.#held.has(name)) this.breaks("once", `${name} was acquired a second time before it was released.`)
    else if (missing !== undefined) this.breaks("order", `${name} was acquired while ${missing} was not there.`)
    this.#held.set(name, needs)
  }

  release(name: string): void {
    const before = this.events.includes(`+ ${name}`)
    this.note(`- ${name}`)
    if (!this.#held.delete(name)) {
      if (before) this.breaks("once", `${name} was released a second time.`)
      else this.breaks("started", `${name} was released and had never been acquired.`)
      return
    }
    const gone = this.#outlived.get(name)
    if (gone !== undefined) this.breaks("reverse", `${gone} was released before ${name}, which needs it.`)
    // Whether that is late or never will show.
    for (const [other, needs] of this.#held) if (needs.includes(name)) this.#outlived.set(other, name)
  }

  holds(name: string): boolean {
    return this.#held.has(name)
  }

  note(event: string): void {
    if (this.breach === undefined) this.events.push(event)
  }

  breaks(law: keyof typeof lifecycleLaw, seen: string): void {
    this.breach ??= { law: lifecycleLaw[law], seen }
  }

  /** To be called when the life is over: what is held now was not released. */
  close(): void {
    const [name] = this.#held.keys()
    if (name !== undefined) this.breaks("once", `${name} was never released.`)
  }
}
