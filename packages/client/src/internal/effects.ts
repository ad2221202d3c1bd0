import { type AnyClass, type AnyEdge, Mask, type MaskInput, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { GraphQuery, QueryAnswer } from "../Finding.ts"
import type { GraphApi, LinkPage, NodePage, Place } from "../GraphClient.ts"
import type { GraphNode, Target } from "../Node.ts"
import type { Transport } from "../Transport.ts"
import { makeCalling } from "./calling.ts"
import { address, decodeNode, encodeProps, keysOf } from "./coding.ts"

type Options = Readonly<Record<string, unknown>>

const isHandle = (value: unknown): value is AnyClass =>
  typeof value === "object" && value !== null && "ref" in value && "path" in value && typeof value.path === "object"

const refOf = (of: { readonly ref: string } | string | undefined): string | undefined =>
  of === undefined || typeof of === "string" ? of : of.ref

/** What is no mask is sent as it is, for the kernel to refuse. */
const maskOf = (perms: MaskInput) => Mask.fromInput(perms) ?? perms

const optionalAddress = (target: Target | undefined): Effect.Effect<string | undefined, PorticoError> =>
  target === undefined ? Effect.succeed(undefined) : address(target)

/** Leaves out what is undefined, so that the wire carries what was given and nothing else. */
const given = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

/** The whole client in Effects; see `GraphApi` for what each does. */
export const makeEffects = (transport: Transport): GraphApi<"effect"> => {
  const calling = makeCalling(transport)
  const { call } = calling

  /** `X::method` with params as JSON. Boundary: the kernel's own contract says what its methods answer. */
  const on = <A>(target: Target, method: string, params: Options = {}): Effect.Effect<A, PorticoError> =>
    Effect.flatMap(
      address(target),
      (path) => call(`${path}::${method}`, given(params)) as Effect.Effect<A, PorticoError>
    )

  const ofKernel = <A>(owner: string, method: string, params: Options): Effect.Effect<A, PorticoError> =>
    call(`/:kernel.portico.dev:${owner}:${method}`, given(params)) as Effect.Effect<A, PorticoError>

  const fetchNode = (target: Target) => Effect.map(on<GraphNode>(target, "get"), seen)

  const placeOf = (place: Place) =>
    Effect.gen(function* () {
      if (place.path !== undefined) return { path: place.path }
      return { parent: yield* address(place.parent), slug: place.slug }
    })

  const addresses = (options: { readonly node: Target; readonly perms: MaskInput }) =>
    Effect.map(address(options.node), (node) => ({ node, perms: maskOf(options.perms) }))

  const question = (options: Question) =>
    Effect.gen(function* () {
      return { ...(yield* addresses(options)), identity: yield* optionalAddress(options.identity) }
    })

  const effects = {
    ...calling,

    get: (first: AnyClass | Target, second?: Target) =>
      isHandle(first) && second !== undefined
        ? Effect.flatMap(fetchNode(second), (node) => decodeNode(first, node))
        : // Boundary: with one argument it is a target.
          fetchNode(first as Target),

    create: (
      of: AnyClass,
      options: Place & { props?: Options; links?: ReadonlyArray<LinkInput>; onConflict?: string }
    ) =>
      Effect.gen(function* () {
        const links = options.links === undefined ? undefined : yield* Effect.forEach(options.links, encodeLink)
        return yield* ofKernel("interface.Node", "createNode", {
          class: of.ref,
          ...(yield* placeOf(options)),
          props: yield* encodeProps(of, options.props),
          links,
          onConflict: options.onConflict
        })
      }),

    update: (first: AnyClass | Target, second: Target | UpdateInput, third?: UpdateInput) =>
      isHandle(first) && third !== undefined
        ? Effect.gen(function* () {
            const node = yield* on<GraphNode>(second as Target, "update", {
              props: yield* encodeProps(first, third.props),
              unset: third.unset === undefined ? undefined : keysOf(first, third.unset),
              ifRev: third.ifRev
            })
            return yield* decodeNode(first, seen(node))
          })
        : // Boundary: with two arguments they are a target and what to change.
          Effect.map(on<GraphNode>(first as Target, "update", { props: {}, ...(second as UpdateInput) }), seen),

    delete: (target: Target, options: Options = {}) => on(target, "delete", options),

    restore: (target: Target, options: Options = {}) => on(target, "restore", options),

    history: (target: Target, options: Options = {}) => on(target, "history", options),

    listTrash: (options: Options = {}) => ofKernel("interface.Node", "listTrash", options),

    move: (target: Target, options: { to: Target } & Options) =>
      Effect.flatMap(address(options.to), (to) => on(target, "move", { ...options, to })),

    listChildren: (first: AnyClass | Target, second?: Target | Options, third?: Options) =>
      isHandle(first)
        ? Effect.gen(function* () {
            const page = yield* on<NodePage>(second as Target, "listChildren", { ...third, class: first.ref })
            return { ...page, nodes: yield* Effect.forEach(page.nodes, (node) => decodeNode(first, seen(node))) }
          })
        : // Boundary: without a class they are a target and options.
          Effect.map(on<NodePage>(first as Target, "listChildren", (second ?? {}) as Options), allSeen),

    countChildren: (first: AnyClass | Target, second?: Target | Options, third?: Options) =>
      Effect.map(
        isHandle(first)
          ? on<Count>(second as Target, "countChildren", { ...third, class: first.ref })
          : // Boundary: without a class they are a target and options.
            on<Count>(first as Target, "countChildren", (second ?? {}) as Options),
        ({ count }) => count
      ),

    query: ({ start, steps }: GraphQuery) =>
      Effect.gen(function* () {
        const nodes = start.nodes === undefined ? undefined : yield* Effect.forEach(start.nodes, address)
        const under = start.under === undefined ? undefined : yield* address(start.under)
        return yield* ofKernel<QueryAnswer>("interface.Node", "query", {
          start: given({ ...start, nodes, under, class: refOf(start.class) }),
          steps: steps?.map((step) => given({ ...step, class: refOf(step.class), edge: refOf(step.edge) }))
        })
      }),

    getTree: (target: Target, options: Options = {}) => Effect.map(on<NodePage>(target, "getTree", options), allSeen),

    link: (source: Target, edge: AnyEdge, target: Target, options: { props?: Options } & Options = {}) =>
      Effect.gen(function* () {
        return yield* on(source, "link", {
          ...options,
          edgeClass: edge.ref,
          target: yield* address(target),
          props: yield* encodeProps(edge, options.props)
        })
      }),

    unlink: (source: Target, edge: AnyEdge | string, target: Target, options: Options = {}) =>
      Effect.flatMap(address(target), (to) => on(source, "unlink", { ...options, edgeClass: refOf(edge), target: to })),

    updateLink: (source: Target, edge: AnyEdge, target: Target, options: UpdateInput & Options) =>
      Effect.gen(function* () {
        return yield* on(source, "updateLink", {
          ...options,
          edgeClass: edge.ref,
          target: yield* address(target),
          props: yield* encodeProps(edge, options.props),
          unset: options.unset === undefined ? undefined : keysOf(edge, options.unset)
        })
      }),

    mutate: (ops: ReadonlyArray<unknown>, options: Options = {}) =>
      ofKernel("interface.Node", "mutate", { ...options, ops }),

    getLink: (source: Target, edge: AnyEdge | string, target: Target, options: Options = {}) =>
      Effect.flatMap(address(target), (to) =>
        on(source, "getLink", { ...options, edgeClass: refOf(edge), target: to })
      ),

    getLinks: (target: Target, { edge, ...options }: { edge?: AnyEdge | string } & Options = {}) =>
      Effect.map(on<LinkPage>(target, "getLinks", { ...options, edgeClass: refOf(edge) }), (page) =>
        page.nodes === undefined ? page : { ...page, nodes: page.nodes.map(seen) }
      ),

    countLinks: (
      target: Target,
      { class: of, edge, ...options }: { edge?: AnyEdge | string; class?: AnyClass | string } & Options = {}
    ) =>
      Effect.map(
        on<Count>(target, "countLinks", { ...options, edgeClass: refOf(edge), class: refOf(of) }),
        ({ count }) => count
      ),

    grant: (identity: Target, options: { node: Target; perms: MaskInput }) =>
      Effect.flatMap(addresses(options), (params) => on(identity, "grantPerm", params)),

    revoke: (identity: Target, options: { node: Target; perms: MaskInput }) =>
      Effect.flatMap(addresses(options), (params) => on(identity, "revokePerm", params)),

    listPerms: (identity: Target, options: Options = {}) => on(identity, "listPerms", options),

    check: (options: Question) =>
      Effect.flatMap(question(options), (params) => ofKernel("interface.Identity", "checkPerm", params)),

    explain: (options: Question) =>
      Effect.flatMap(question(options), (params) => ofKernel("interface.Identity", "explainPerm", params)),

    listAccessible: (
      options: { perms: MaskInput; identity?: Target; under?: Target; class?: AnyClass | string } & Options
    ) =>
      Effect.gen(function* () {
        return yield* ofKernel("interface.Identity", "listAccessible", {
          ...options,
          perms: maskOf(options.perms),
          class: refOf(options.class),
          identity: yield* optionalAddress(options.identity),
          under: yield* optionalAddress(options.under)
        })
      }),

    listHolders: (target: Target, options: { perms: MaskInput } & Options) =>
      on(target, "listHolders", { ...options, perms: maskOf(options.perms) }),

    addMember: (group: Target, member: Target) =>
      Effect.flatMap(address(member), (one) => on(group, "addMember", { member: one })),

    removeMember: (group: Target, member: Target) =>
      Effect.flatMap(address(member), (one) => on(group, "removeMember", { member: one })),

    listMembers: (group: Target, options: Options = {}) => on(group, "listMembers", options),

    whoami: () => ofKernel("interface.Identity", "whoami", {})
  }
  // Boundary: one implementation behind the overloads of `GraphApi`, which says what each combination answers.
  return effects as unknown as GraphApi<"effect">
}

/** Whether an identity, or the caller, may do something on a node. */
interface Question {
  readonly node: Target
  readonly perms: MaskInput
  readonly identity?: Target
}

interface Count {
  readonly count: number
}

interface UpdateInput {
  readonly props?: Options
  readonly unset?: ReadonlyArray<string>
  readonly ifRev?: number
}

interface LinkInput {
  readonly edge: AnyEdge | string
  readonly target: Target
  readonly props?: Options
}

/** Without READ the kernel answers `id`, `path` and `rev`; the rest is then empty rather than missing. */
const seen = (node: GraphNode): GraphNode => ({ ...unseen, ...node })
const unseen = { slug: "", class: "", props: {}, createdAt: 0, updatedAt: 0 }

const allSeen = <P extends NodePage>(page: P): P => ({ ...page, nodes: page.nodes.map(seen) })

const encodeLink = (link: LinkInput): Effect.Effect<Options, PorticoError> =>
  Effect.gen(function* () {
    const props = typeof link.edge === "string" ? link.props : yield* encodeProps(link.edge, link.props)
    return given({ edgeClass: refOf(link.edge), target: yield* address(link.target), props })
  })
