import * as Predicate from "effect/Predicate"
import type { CallRequest } from "../../Kernel.ts"

/** Changes that others wait for along with their own. */
const few = 50

/** Whether a write takes its time, by what it is asked with: a large batch, or what goes down to everything below a node. */
export const isLong = ({ params }: CallRequest): boolean =>
  (Predicate.hasProperty(params, "ops") && Array.isArray(params.ops) && params.ops.length > few) ||
  (Predicate.hasProperty(params, "recursive") && params.recursive === true)
