import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ModuleState } from "../../ModuleState.ts"

/** States, and where in the log they are. */
export interface StateEntry {
  readonly position: string
  readonly item: ReadonlyArray<ModuleState>
}

/** Changes that are kept for whoever comes back. */
const kept = 1_024

/** What happened to the states of modules, with a position for each change, so that a reader can go on after any of them. */
export class StateLog {
  private readonly entries: Array<ModuleState> = []
  /** Number of the first change that is kept. */
  private first = 0
  /** Sets apart the positions of this start from those of others. */
  private readonly run: string
  private readonly all: () => ReadonlyArray<ModuleState>
  private readonly waiting = new Set<() => void>()

  constructor(run: string, all: () => ReadonlyArray<ModuleState>) {
    this.run = run
    this.all = all
  }

  append(state: ModuleState): void {
    this.entries.push(state)
    if (this.entries.length > kept) {
      this.entries.shift()
      this.first++
    }
    for (const resume of [...this.waiting]) resume()
  }

  /**
   * Every change after a position, one item each. Without a position, or with one that is not known any more, the states
   * of all modules come first.
   */
  since(position: string | undefined): Stream.Stream<StateEntry> {
    const page = (index: number | undefined) =>
      Effect.map(this.reached(index), (): readonly [ReadonlyArray<StateEntry>, Option.Option<number | undefined>] => {
        const at = index ?? this.next
        // One that has fallen behind what is kept is told where things are.
        const behind = index === undefined || index < this.first
        const state = behind ? undefined : this.entries[at - this.first]
        const item = state === undefined ? this.all() : [state]
        const after = state === undefined ? this.next : at + 1
        return [[{ position: `${this.run}-${after}`, item }], Option.some(after)]
      })
    return Stream.paginate(this.indexOf(position), page)
  }

  private get next(): number {
    return this.first + this.entries.length
  }

  /** The number of the first change after a position. */
  private indexOf(position: string | undefined): number | undefined {
    const [run, number = ""] = position?.split("-") ?? []
    const index = Number(number)
    return run === this.run && /^\d{1,15}$/.test(number) && index <= this.next ? index : undefined
  }

  private reached(index: number | undefined): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const look = (): void => {
        if (index !== undefined && index >= this.next) return
        this.waiting.delete(look)
        resume(Effect.void)
      }
      this.waiting.add(look)
      look()
      return Effect.sync(() => void this.waiting.delete(look))
    })
  }
}
