import type { PutOff } from "@portico/gate/database"

/** What waits at once; beyond it, it is run, so that one write of any size holds no more. */
const mostWaiting = 2_000

/** What waits between two steps of a long write. */
const enough = 250

/**
 * What the writes of one transaction put off. A write can be undone: then what it added is dropped, and what it ran of
 * those before it waits again, since its savepoint takes that back, too.
 */
export class PutOffWork implements PutOff {
  readonly #works: Array<() => void> = []
  /** How many of them have been run. */
  #run = 0
  /** How many there were, and were run, when the current write began. */
  #before = { added: 0, run: 0 }
  /** Whether a part of the current write is under way that may yet be undone. */
  #inPart = false
  /** Whether what waits is being run between steps. */
  #isRelieving = false

  add(work: () => void): void {
    this.#works.push(work)
    if (this.#works.length - this.#run >= mostWaiting) this.run()
  }

  run(): void {
    this.runUntil(() => false)
  }

  /** Runs what waits, until there is no more time; whether it is done. At least one is run. */
  runUntil(isOver: () => boolean): boolean {
    for (let work = this.#works[this.#run]; work !== undefined; work = this.#works[this.#run]) {
      this.#run++
      work()
      if (this.#run < this.#works.length && isOver()) return false
    }
    // What a part ran has to be run again, if the part is undone.
    if (this.#inPart) return true
    // Those of the current write go with it if it is undone, so nothing is left to remember them for.
    this.#works.length = this.#before.added
    this.#run = this.#before.added
    return true
  }

  /**
   * To be called between two steps of a write: runs what waits once it is much, all of it, until there is no more time. Then
   * it is to be called again, before the next step.
   */
  relieve(isOver: () => boolean): boolean {
    if (!this.#isRelieving && this.#works.length - this.#run < enough) return true
    this.#isRelieving = !this.runUntil(isOver)
    return !this.#isRelieving
  }

  part(): (undone: boolean) => void {
    if (this.#works.length - this.#run >= mostWaiting / 2) this.run()
    const before = { added: this.#works.length, run: this.#run }
    this.#inPart = true
    return (undone) => {
      this.#inPart = false
      if (!undone) return
      this.#works.length = before.added
      this.#run = before.run
    }
  }

  /** A write begins. */
  begin(): void {
    this.#inPart = false
    this.#isRelieving = false
    this.#before = { added: this.#works.length, run: this.#run }
  }

  /** The current write was undone. */
  undo(): void {
    this.#works.length = this.#before.added
    this.#run = this.#before.run
  }

  /** The transaction is over. */
  clear(): void {
    this.#works.length = 0
    this.#run = 0
    this.begin()
  }
}
