import { Gateway } from "@portico/gate"
import { Kernel, type NodeView } from "@portico/kernel"
import { K, PorticoError } from "@portico/schema"
import { Effect, Layer, Option } from "effect"

/** As much of a graph as identities need: nodes, members and a commit number. Asks nobody for permission. */
export const makeFakeKernel = () => {
  const nodes = new Map<string, NodeView>()
  const members = new Map<string, Set<string>>()
  let seq = 1

  const find = (address: string): NodeView | undefined =>
    address.startsWith("@") ? [...nodes.values()].find(({ id }) => id === address.slice(1)) : nodes.get(address)
  const get = (address: string): NodeView => {
    const node = find(address)
    if (node === undefined) throw PorticoError.make("NOT_FOUND", `${address} does not exist`)
    return node
  }
  const pathOf = ({ path }: NodeView) => path

  const run = (path: string, params: Record<string, string | undefined> & { props?: NodeView["props"] }): unknown => {
    const [self = "", method] = path === K.Node.createNode.path ? ["", "createNode"] : path.split("::")
    switch (method) {
      case "createNode": {
        const at = params.path ?? ""
        const known = nodes.get(at)
        if (known !== undefined) return { id: known.id, path: at, rev: known.rev, created: false }
        const id = crypto.randomUUID()
        const slug = at.slice(at.lastIndexOf("/") + 1)
        const times = { createdAt: 0, updatedAt: 0, rev: ++seq }
        nodes.set(at, { id, path: at, slug, class: params.class ?? "", props: params.props ?? {}, ...times })
        return { id, path: at, rev: seq, created: true }
      }
      case "grantPerm":
        seq++
        return { mask: 15 }
      case "addMember":
      case "removeMember": {
        seq++
        const group = members.get(pathOf(get(self))) ?? new Set()
        const member = pathOf(get(params.member ?? ""))
        members.set(pathOf(get(self)), group)
        if (method === "addMember") group.add(member)
        else group.delete(member)
        return {}
      }
      case "listMembers":
        return { members: [...(members.get(pathOf(get(self))) ?? [])].flatMap((path) => nodes.get(path) ?? []) }
      case "delete":
        seq++
        return { deleted: Number(nodes.delete(pathOf(get(self)))) }
      default:
        throw new Error(`The fake kernel has no ${path}`)
    }
  }

  const kernel = Kernel.of({
    call: (_authority, { params, path }) =>
      Effect.try({
        try: () => ({ result: run(path, (params ?? {}) as Parameters<typeof run>[1]), seq }),
        catch: (cause) => cause as PorticoError
      }),
    node: (address) => Effect.sync(() => Option.fromUndefinedOr(find(address))),
    seq: Effect.sync(() => seq),
    describe: () => Effect.die("not faked"),
    resolve: () => Effect.die("not faked"),
    mask: () => Effect.succeed(15)
  })
  return Gateway.module.define({
    id: "kernel",
    displayName: "Fake kernel",
    provides: [Kernel],
    layer: Layer.succeed(Kernel, kernel)
  })
}
