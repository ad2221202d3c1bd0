import { NodeRecord } from "../../src/internal/store/NodeRecord.ts"

/** A record of which only the key, and perhaps the rev, matters. */
export const recordOf = (key: number, rev = 1): NodeRecord =>
  new NodeRecord({
    key,
    id: `${key}`,
    parent: 0,
    slug: "",
    classKey: 0,
    granted: false,
    rev,
    createdAt: 0,
    updatedAt: 0,
    propsText: "{}"
  })
