import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { K, KernelSchema, Path, parseContract, readingMethods, reservedMethodNames } from "../src/index.ts"

const { contract } = KernelSchema
const names = (record: object) => Object.keys(record).sort()

describe("the kernel's schema", () => {
  it("has what the design lists", () => {
    expect(names(contract.interfaces)).toEqual(
      "Callable Container Descriptable Edge Identity Named Node Remotable Sluggable Statused Timestamped UI".split(" ")
    )
    expect(names(contract.classes)).toEqual(
      "Class Domain EdgeClass Folder Function Group Interface Role Root Service User View".split(" ")
    )
    expect(names(contract.edges)).toEqual(
      "extends has_parent has_perm implements instance_of member_of method_of of_domain view_for".split(" ")
    )
    expect(contract.edges.has_perm?.props.mask?.schema).toMatchObject({ type: "integer", minimum: 0, maximum: 15 })
  })

  it("has the methods that instances implement, with the params of the operations table", () => {
    const table: Readonly<Record<string, string>> = {
      "interface.Node:changes": "class since under",
      "interface.Node:createNode": "class links onConflict parent path props slug",
      "interface.Node:export": "class delimiter edges escapeFormulas format under where",
      "interface.Node:import": "by class delimiter dryRun format onConflict onError under whole",
      "interface.Node:get": "props",
      "interface.Node:update": "ifRev props unset",
      "interface.Node:delete": "ifRev recursive",
      "interface.Node:listTrash": "cursor limit",
      "interface.Node:move": "ifRev slug to",
      "interface.Node:history": "cursor limit",
      "interface.Node:link": "edgeClass ifRev onConflict props slug target",
      "interface.Node:restore": "ifRev path recursive seq",
      "interface.Node:unlink": "edgeClass ifRev slug target",
      "interface.Node:updateLink": "edgeClass ifRev props slug target unset",
      "interface.Node:mutate": "idempotencyKey ops",
      "interface.Node:getLink": "edgeClass slug target",
      "interface.Node:getLinks": "cursor direction edgeClass limit with",
      "interface.Node:countLinks": "class direction edgeClass where",
      "interface.Node:listChildren": "class cursor limit order where",
      "interface.Node:countChildren": "class where",
      "interface.Node:getTree": "depth limit",
      "interface.Node:listHolders": "cursor limit perms",
      "interface.Node:query": "start steps",
      "interface.Identity:whoami": "",
      "interface.Identity:grantPerm": "node perms",
      "interface.Identity:revokePerm": "node perms",
      "interface.Identity:listPerms": "cursor limit",
      "interface.Identity:checkPerm": "identity node perms",
      "interface.Identity:explainPerm": "identity node perms",
      "interface.Identity:listAccessible": "class cursor identity limit perms under",
      "interface.Identity:mintDelegationCredential": "audience cnf exact scope ttl",
      "interface.Identity:registerIdentity": "signingKey",
      "class.Group:addMember": "member",
      "class.Group:removeMember": "member",
      "class.Group:listMembers": "cursor limit",
      "class.Role:addMember": "member",
      "class.Role:removeMember": "member",
      "class.Role:listMembers": "cursor limit",
      "class.Domain:install": "dryRun local package policy url",
      "class.Domain:uninstall": "dryRun origin",
      "class.Domain:list": ""
    }
    const declared = [
      ...Object.entries(contract.interfaces).map(([name, definition]) => [`interface.${name}`, definition] as const),
      ...Object.entries(contract.classes).map(([name, definition]) => [`class.${name}`, definition] as const)
    ].flatMap(([owner, { methods }]) =>
      Object.entries(methods).map(([name, method]) => [
        `${owner}:${name}`,
        names(Object(method.params.properties)).join(" ")
      ])
    )
    expect(Object.fromEntries(declared)).toEqual(table)
  })

  it("is one that could be installed", () => {
    expect(Result.isSuccess(parseContract(JSON.parse(JSON.stringify(contract))))).toBe(true)
  })

  it("reserves the names of what every node and identity can do, but for two that a class may have for itself", () => {
    const declared = ["Node", "Identity"].flatMap((owner) => names(contract.interfaces[owner]?.methods ?? {}))
    expect(declared.filter((name) => !reservedMethodNames.has(name)).sort()).toEqual(["export", "import"])
  })

  it("names its reading methods by addresses that exist", () => {
    const existing = readingMethods.map((path) => {
      const address = Result.getOrThrow(Path.parse(path))
      if (address._tag !== "StaticMethod") throw new Error(path)
      return contract.interfaces[address.owner.name]?.methods[address.method]?.auth
    })
    expect(existing).toEqual(readingMethods.map(() => "optional"))
    const optional = Object.values(contract.interfaces).flatMap(({ methods }) =>
      Object.values(methods).filter((method) => method.auth === "optional")
    )
    expect(optional.length).toBe(readingMethods.length)
  })

  it("takes masks and names for perms, and nothing else", () => {
    const { decode } = K.Identity.checkPerm.params
    for (const perms of [0, 15, [], ["READ", "EDIT"]]) {
      expect(Result.isSuccess(decode({ node: "/", perms }))).toBe(true)
    }
    for (const perms of [-1, 16, 2 ** 31, 2 ** 53 + 1, "3", ["read"], 1.5, null]) {
      expect(Result.isFailure(decode({ node: "/", perms })), String(perms)).toBe(true)
    }
  })

  it("reads a node of which little may be seen", () => {
    const id = "0198f3c2-7a6b-7c3d-8e4f-5a6b7c8d9e0f"
    expect(Result.getOrThrow(K.Node.get.result.decode({ id, path: "/a", rev: 1 }))).toEqual({ id, path: "/a", rev: 1 })
  })
})
