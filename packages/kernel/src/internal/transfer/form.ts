import { isPorticoError, PorticoError } from "@portico/schema"
import { checkJson } from "../json.ts"
import type { Op } from "../ops/Op.ts"
import { classToMake, edgeClassToMake } from "../ops/types.ts"
import { newProps } from "../schema/props.ts"
import type { RowPolicy } from "./applyRow.ts"
import type { GraphRow } from "./Row.ts"

/** What is wrong with a row whatever is in the store: its class, or its properties. */
export const formOf = (op: Op, row: GraphRow, policy: RowPolicy): PorticoError | undefined => {
  try {
    look(op, row, policy)
    return undefined
  } catch (thrown) {
    if (isPorticoError(thrown)) return thrown
    throw thrown
  }
}

const look = (op: Op, row: GraphRow, policy: RowPolicy): void => {
  const { props = {} } = row
  checkJson(props, "props")
  if (typeof props !== "object" || props === null || Array.isArray(props)) {
    throw PorticoError.make("INVALID_PARAMS", "props: has to be an object", {
      issues: [{ path: ["props"], code: "type", message: "has to be an object" }]
    })
  }
  // Boundary: an object that is JSON.
  const given = props as Readonly<Record<string, unknown>>
  if (row._tag === "Edge") newProps(edgeClassToMake(op, row.class), given)
  // What a node lacks that is changed by its id, it may have already.
  else if (policy.by === "path") newProps(classToMake(op, row.class ?? policy.class ?? ""), given)
}
