import * as assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { Module } from "../../../Module.ts"
import type { Plan } from "../../../Plan.ts"
import type { Product } from "../../../Product.ts"
import { around } from "./withFault.ts"

/** Follows which modules of a product hold something, from before their layers are built until after these are gone. */
export class Journal {
  readonly #held = new Set<string>()
  readonly #begun: Array<string> = []
  readonly #released: Array<{ readonly module: string; readonly stillHeld: ReadonlySet<string> }> = []

  /** The product with this journal kept by each of its modules. */
  keptBy(product: Product): Product {
    return {
      ...product,
      modules: product.modules.map((module) => around(module, (scope) => this.#hold(module, scope)))
    }
  }

  #hold({ id }: Module.Any, scope: Scope.Scope): Effect.Effect<void> {
    const acquired = Effect.sync(() => {
      this.#held.add(id)
      this.#begun.push(id)
    })
    const released = Effect.sync(() => {
      this.#held.delete(id)
      this.#released.push({ module: id, stillHeld: new Set(this.#held) })
    })
    return Effect.uninterruptible(Effect.andThen(acquired, Scope.addFinalizer(scope, released)))
  }

  /** To be called when all is over: each was released once, and before what it needs. */
  check(plan: Plan): void {
    assert.deepEqual([...this.#held], [], "modules that were never released")
    assert.deepEqual(
      this.#released.map(({ module }) => module).sort(),
      [...this.#begun].sort(),
      "each is released once"
    )
    for (const { module, stillHeld } of this.#released) {
      for (const { dependsOn, id } of plan.modules) {
        const needsIt = dependsOn.some((dependency) => dependency.module === module)
        assert.ok(!needsIt || !stillHeld.has(id), `"${module}" was released before "${id}", which needs it`)
      }
    }
  }
}
