import type { Ids } from "./ids.ts"

/** What a write draws from elsewhere, remembered in its order, so that it is the same each time the write is run. */
export class Draws {
  readonly ids: Ids = { next: () => this.#draw(this.#ids, "id", this.#newId) }
  readonly nextKey = (): number => this.#draw(this.#keys, "key", this.#newKey)
  readonly #ids: Array<string> = []
  readonly #keys: Array<number> = []
  readonly #at = { id: 0, key: 0 }
  readonly #newId: () => string
  readonly #newKey: () => number

  constructor(newId: () => string, newKey: () => number) {
    this.#newId = newId
    this.#newKey = newKey
  }

  /** A function that goes back to where the drawing is now. */
  save(): () => void {
    const at = { ...this.#at }
    return () => {
      Object.assign(this.#at, at)
    }
  }

  #draw<A>(drawn: Array<A>, which: "id" | "key", make: () => A): A {
    const at = this.#at[which]++
    const known = drawn[at]
    if (known !== undefined) return known
    const made = make()
    drawn.push(made)
    return made
  }
}
