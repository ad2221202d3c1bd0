import { type AnyCallable, type AnyClass, type AnyEdge, Mask, type MaskInput, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { CallOptions, GraphApi, LinkPage, NodePage, Place } from "../GraphClient.ts"
import type { GraphNode, Target } from "../Node.ts"
import type { Transport } from "../Transport.ts"
import { address, decodeNode, decodeResult, encodeParams, encodeProps, keysOf } from "./coding.ts"

type Options = Readonly<Record<string, unknown>>

const isHandle = (value: unknown): value is AnyClass =>
  typeof value === "object" && value !== null && "ref" in value && "path" in value && typeof value.path === "object"

const refOf = (of: { readonly ref: string } | string | undefined): string | undefined =>
  of === undefined || typeof of === "string" ? of : of.ref

/** Leaves out what is undefined, so that the wire carries what was given and nothing else. */
const given = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

/** The whole client in Effects; see `GraphApi` for what each does. */
export const makeEffects = (transport: Transport): GraphApi<"effect"> => {
  const send = (path: string, params: unknown, options: CallOptions = {}) =>
    Effect.gen(function* () {
      const self = options.self === undefined ? undefined : yield* address(options.self)
      const answer = yield* transport(
        { path, ...(params === undefined ? undefined : { params }), ...(self === undefined ? undefined : { self }) },
        options
      )
      return answer.result
    })

  const callTyped = (callable: AnyCallable, params: unknown, options: CallOptions = {}) =>
    Effect.gen(function* () {
      const { input, output } = callable.contract
      if (input !== "value" || output !== "value") {
        return yield* PorticoError.make("NOT_IMPLEMENTED", `${callable.path} streams, which this transport does not.`)
      }
      if (callable.kind === "method" && !callable.static && options.self === undefined) {
        return yield* PorticoError.make(
          "METHOD_IS_INSTANCE",
          `${callable.path} is called on a node: pass { self: "/path" } after the params.`
        )
      }
      const result = yield* send(callable.path, yield* encodeParams(callable, params), options)
      return yield* decodeResult(callable, result)
    })

  /** `X::method` with params as JSON. Boundary: the kernel's own contract says what its methods answer. */
  const on = <A>(target: Target, method: string, params: Options = {}): Effect.Effect<A, PorticoError> =>
    Effect.flatMap(
      address(target),
      (path) => send(`${path}::${method}`, given(params)) as Effect.Effect<A, PorticoError>
    )

  const ofKernel = <A>(owner: string, method: string, params: Options): Effect.Effect<A, PorticoError> =>
    send(`/:kernel.portico.dev:${owner}:${method}`, given(params)) as Effect.Effect<A, PorticoError>

  const fetchNode = (target: Target) => on<GraphNode>(target, "get")

  const placeOf = (place: Place) =>
    Effect.gen(function* () {
      if (place.path !== undefined) return { path: place.path }
      return { parent: yield* address(place.parent), slug: place.slug }
    })

  const addresses = (options: { readonly node: Target; readonly perms: MaskInput }) =>
    Effect.map(address(options.node), (node) => ({ node, perms: Mask.fromInput(options.perms) ?? options.perms }))

  const countOf = (answer: number | { readonly count: number }): number =>
    typeof answer === "number" ? answer : answer.count

  const effects = {
    call: (callable: AnyCallable | string, params?: unknown, options?: CallOptions) =>
      typeof callable === "string" ? send(callable, params, options) : callTyped(callable, params, options),

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
        ? Effect.flatMap(encodeProps(first, third.props), (props) =>
            on(second as Target, "update", {
              props,
              unset: third.unset === undefined ? undefined : keysOf(first, third.unset),
              ifRev: third.ifRev
            })
          )
        : // Boundary: with two arguments they are a target and what to change.
          on(first as Target, "update", { props: {}, ...(second as UpdateInput) }),

    delete: (target: Target, options: Options = {}) => on(target, "delete", options),

    move: (target: Target, options: { to: Target; slug?: string }) =>
      Effect.flatMap(address(options.to), (to) => on(target, "move", { to, slug: options.slug })),

    listChildren: (first: AnyClass | Target, second?: Target | Options, third?: Options) =>
      isHandle(first) && (typeof second === "string" || third !== undefined || isTarget(second))
        ? Effect.flatMap(on<NodePage>(second as Target, "listChildren", { ...third, class: first.ref }), (page) =>
            Effect.map(
              Effect.forEach(page.nodes, (node) => decodeNode(first, node)),
              (nodes) => ({ ...page, nodes })
            )
          )
        : on<NodePage>(first as Target, "listChildren", (second ?? {}) as Options),

    countChildren: (target: Target, options: { class?: AnyClass | string; where?: unknown } = {}) =>
      Effect.map(on<number>(target, "countChildren", { ...options, class: refOf(options.class) }), countOf),

    getTree: (target: Target, options: Options = {}) => on(target, "getTree", options),

    link: (source: Target, edge: AnyEdge, target: Target, options: { props?: Options } & Options = {}) =>
      Effect.gen(function* () {
        return yield* on(source, "link", {
          ...options,
          edgeClass: edge.ref,
          target: yield* address(target),
          props: yield* encodeProps(edge, options.props)
        })
      }),

    unlink: (source: Target, edge: AnyEdge | string, target: Target, options: { slug?: string } = {}) =>
      Effect.flatMap(address(target), (to) => on(source, "unlink", { edgeClass: refOf(edge), target: to, ...options })),

    getLinks: (target: Target, { edge, ...options }: { edge?: AnyEdge | string } & Options = {}) =>
      on<LinkPage>(target, "getLinks", { ...options, edgeClass: refOf(edge) }),

    countLinks: (target: Target, { edge, ...options }: { edge?: AnyEdge | string } & Options = {}) =>
      Effect.map(on<number>(target, "countLinks", { ...options, edgeClass: refOf(edge) }), countOf),

    grant: (identity: Target, options: { node: Target; perms: MaskInput }) =>
      Effect.flatMap(addresses(options), (params) => on(identity, "grantPerm", params)),

    revoke: (identity: Target, options: { node: Target; perms: MaskInput }) =>
      Effect.flatMap(addresses(options), (params) => on(identity, "revokePerm", params)),

    check: (options: { node: Target; perms: MaskInput; identity?: Target }) =>
      Effect.gen(function* () {
        const identity = options.identity === undefined ? undefined : yield* address(options.identity)
        const params = { ...(yield* addresses(options)), identity }
        const { allowed } = yield* ofKernel<{ allowed: boolean }>("interface.Identity", "checkPerm", params)
        return allowed
      }),

    addMember: (group: Target, member: Target) =>
      Effect.flatMap(address(member), (one) => on(group, "addMember", { member: one })),

    removeMember: (group: Target, member: Target) =>
      Effect.flatMap(address(member), (one) => on(group, "removeMember", { member: one })),

    whoami: () => ofKernel("interface.Identity", "whoami", {})
  }
  // Boundary: one implementation behind the overloads of `GraphApi`, which says what each combination answers.
  return effects as unknown as GraphApi<"effect">
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

const isTarget = (value: unknown): boolean => typeof value === "object" && value !== null && "id" in value

const encodeLink = (link: LinkInput): Effect.Effect<Options, PorticoError> =>
  Effect.gen(function* () {
    const props = typeof link.edge === "string" ? link.props : yield* encodeProps(link.edge, link.props)
    return given({ edgeClass: refOf(link.edge), target: yield* address(link.target), props })
  })
