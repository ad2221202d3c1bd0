import * as Schema from "effect/Schema"
import { reads } from "./asks.ts"
import { batch, changes } from "./changes.ts"
import type { Names } from "./choose.ts"
import { others } from "./others.ts"
import type { Request } from "./requests.ts"

const upTo = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: most }))

/** A step is numbers, so that it shrinks; what they mean depends on what there is when it is taken. */
export const Step = Schema.Tuple([upTo(1_000_000), upTo(1023), upTo(1023), upTo(1023), upTo(1023), upTo(1023)])
export type Step = typeof Step.Type

/** A grant that a sequence begins with: to whom, on what, and which bits. */
const Start = Schema.Tuple([upTo(7), upTo(11), upTo(15)])
const [fewest, most] = [5, 15]

export const Script = Schema.Struct({
  start: Schema.Array(Start).check(Schema.isMinLength(3), Schema.isMaxLength(4)),
  steps: Schema.Array(Step).check(Schema.isMinLength(fewest), Schema.isMaxLength(most))
})
export type Script = typeof Script.Type

type Make = (names: Names, a: number, b: number, c: number, d: number) => Request

const weighted: ReadonlyArray<readonly [weight: number, make: Make]> = [
  [120, changes.createNode],
  [60, changes.update],
  [50, changes.delete],
  [80, others.restore],
  [110, changes.move],
  [130, changes.link],
  [40, changes.unlink],
  [25, changes.updateLink],
  [120, others.grantPerm],
  [70, others.revokePerm],
  [60, others.addMember],
  [40, others.removeMember],
  [60, batch],
  ...Object.values(reads).map((make): readonly [number, Make] => [20, make])
]

const total = weighted.reduce((sum, [weight]) => sum + weight, 0)

/** What is generated has many numbers that are small or large; this has them anywhere. */
export const spread = (number: number, below: number): number => (number * 7919) % below

/** The call that a step stands for here and now. */
export const requestOf = (names: Names, step: Step): Request => {
  const [kind, , ...picks] = step
  const [a, b, c, d] = picks.map((pick) => spread(pick, 32))
  let left = spread(kind, total)
  for (const [weight, make] of weighted) {
    if (left < weight) return make(names, a ?? 0, b ?? 0, c ?? 0, d ?? 0)
    left -= weight
  }
  throw new Error("the weights do not add up")
}
