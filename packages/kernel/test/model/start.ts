import { K } from "@portico/schema"
import { M } from "./domain.ts"
import type { Change, Request } from "./requests.ts"
import type { Script } from "./script.ts"

/** What every sequence begins with, below a folder of its own: boxes in boxes, and identities in and beside them. */
export const firstNodes = (prefix: string): Request => {
  const make = (ref: string, path: string, rest: object = {}): Change => ({
    op: "createNode",
    class: ref,
    path,
    ...rest
  })
  return {
    op: "mutate",
    ops: [
      make(K.Folder.ref, `/${prefix}`),
      make(M.Box.ref, "$0.path/a", { props: { code: `${prefix}p`, rank: 1 } }),
      make(M.Box.ref, "$0.path/a/b", { props: { rank: 2 } }),
      make(M.Task.ref, "$0.path/a/b/t", { props: { title: "t" } }),
      make(M.Box.ref, "$0.path/d", { props: { code: `${prefix}q` } }),
      make(K.Folder.ref, "$0.path/d/e"),
      make(K.User.ref, "$0.path/u"),
      make(K.User.ref, "$0.path/v"),
      make(K.Group.ref, "$0.path/a/g"),
      make(K.Role.ref, "$0.path/h"),
      make(K.Service.ref, "$0.path/s"),
      make(K.Group.ref, "$0.path/d/i"),
      make(M.Card.ref, "$0.path/d/p", { links: [{ edgeClass: M.pinned.ref, target: "$1" }] })
    ]
  }
}

/** Grants, and one membership, that a sequence begins with. */
export const granted = (
  known: ReadonlyArray<string>,
  start: Script["start"],
  masks: ReadonlyArray<number>
): ReadonlyArray<Request> => {
  const address = (index: number) => `@${known[index % known.length]}`
  return [
    { op: "addMember", node: address(8), member: address(6) },
    ...start.map(
      ([who, on, mask], index): Request => ({
        op: "grantPerm",
        // The first is the user's who calls most, mostly of much.
        node:
          index === 0
            ? address(6)
            : who === 6
              ? "/identities/everyone"
              : who === 7
                ? "/identities/authenticated"
                : address(6 + who),
        on: address(index === 0 ? on % 3 : on),
        perms: (index === 0 && mask % 4 > 0 ? 15 : masks[mask]) ?? 1
      })
    )
  ]
}
