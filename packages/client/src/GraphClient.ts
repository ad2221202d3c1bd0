import type { AnyClass, AnyEdge, Json, K, MaskInput, NewPropsOf, ParamsOf, ResultOf } from "@portico/schema"
import type {
  BinaryCallable,
  CallArgs,
  CallOptions,
  Coming,
  Mode,
  Out,
  SentInput,
  StreamCallable,
  StreamOptions,
  ValueCallable
} from "./Calls.ts"
import type { Deleted, HistoryEntry } from "./Changes.ts"
import type { Finding, FindingOf, GraphQuery, QueryAnswer } from "./Finding.ts"
import { makeEffects } from "./internal/effects.ts"
import { iterables, toPromises } from "./internal/promises.ts"
import type { GraphEdge, GraphNode, NodeOf, Target } from "./Node.ts"
import type { Transport } from "./Transport.ts"

export type OnConflict = "fail" | "merge" | "skip"

/** Where a new node goes: at a path, or under a parent, with a slug or one that the kernel makes. */
export type Place =
  | { readonly path: string; readonly parent?: undefined; readonly slug?: undefined }
  | { readonly parent: Target; readonly slug?: string; readonly path?: undefined }

type PropsOption<P> = {} extends P ? { readonly props?: P } : { readonly props: P }

/** Params of {@link GraphApi.create}; `links` are made in the same commit. */
export type CreateOptions<C> = Place &
  PropsOption<NewPropsOf<C>> & {
    readonly links?: ReadonlyArray<{
      readonly edge: AnyEdge | string
      readonly target: Target
      readonly props?: Readonly<Record<string, Json>>
    }>
    /** `fail` with PATH_CONFLICT unless told; `merge` sets the given props on what is there; `skip` leaves it. */
    readonly onConflict?: OnConflict
  }

export interface Created {
  readonly id: string
  readonly path: string
  readonly rev: number
  /** False where a node was there already and `onConflict` allowed it. */
  readonly created: boolean
}

/** Params of {@link GraphApi.update}: a merge of the given props, without those in `unset`. */
export interface UpdateOptions<P> {
  readonly props?: Partial<P>
  readonly unset?: ReadonlyArray<keyof P & string>
  /** Fails with REV_CONFLICT if the node changed since. */
  readonly ifRev?: number
}

/** Where a node is now. */
export interface NodeAt {
  readonly id: string
  readonly path: string
  readonly rev: number
}

/** A grant of an identity. */
export interface Grant {
  /** Node id. */
  readonly node: string
  readonly path: string
  readonly mask: number
}

/** Who calls; all null for a caller without a credential. */
export interface WhoAmI {
  readonly id: string | null
  readonly path: string | null
  /** Ref of its class. */
  readonly class: string | null
  readonly name: string | null
  readonly groups: ReadonlyArray<{ readonly id: string; readonly path: string }>
}

export interface PageOptions {
  /** At most 1,000. */
  readonly limit?: number
  /** The `next` of the page before. */
  readonly cursor?: string | undefined
}

export interface NodePage<N = GraphNode> {
  readonly nodes: ReadonlyArray<N>
  /** Absent on the last page. */
  readonly next?: string
}

export interface LinksOptions extends PageOptions {
  readonly edge?: AnyEdge | string
  readonly direction?: "out" | "in" | "both"
  /** Answers the nodes at the other ends too. */
  readonly with?: "nodes"
}

export interface LinkPage {
  readonly edges: ReadonlyArray<GraphEdge>
  /** The nodes at the other ends, where `with: "nodes"` asked for them. */
  readonly nodes?: ReadonlyArray<GraphNode>
  readonly next?: string
}

export type LinkOptions<E> = PropsOption<NewPropsOf<E>> & {
  /** Tells several edges of one class between the same nodes apart. */
  readonly slug?: string
  readonly onConflict?: OnConflict
  readonly ifRev?: number
}

/**
 * The graph, as far as an authority reaches: calls by address or by compiled callable, and short forms of what the
 * kernel offers. Everything in it is one `call`.
 */
export interface GraphApi<M extends Mode> {
  /**
   * Calls a method or a function. Params are encoded and results decoded as its schema says; params that do not fit
   * are INVALID_PARAMS without being sent. Instance methods are told their node by `self`. What reads a stream is given
   * it as `input`: an array, an `AsyncIterable` or a `Stream`. What gives one is for {@link stream}.
   *
   * @example
   * ```ts
   * import type { GraphClient } from "@portico/client"
   * import { compileDomain, defineSchema, fn, nodeClass } from "@portico/schema"
   * import * as Schema from "effect/Schema"
   *
   * const Contact = nodeClass({
   *   methods: {
   *     find: fn({ static: true, params: { email: Schema.String }, returns: Schema.String }),
   *     rename: fn({ params: { name: Schema.String } })
   *   }
   * })
   * const D = compileDomain(defineSchema("crm.example.dev", { classes: { Contact } }))
   *
   * const rename = async (kernel: GraphClient) => {
   *   const ada = await kernel.call(D.Contact.find, { email: "ada@example.dev" })
   *   await kernel.call(D.Contact.rename, { name: "Ada" }, { self: ada })
   * }
   * ```
   */
  call<C extends ValueCallable>(callable: C, ...args: CallArgs<C>): Out<M, ResultOf<C>>
  /** Calls any address, with JSON both ways. */
  call(path: string, params?: unknown, options?: CallOptions & SentInput): Out<M, unknown>

  /**
   * Calls what gives values one after another, and gives them as they come. It is called when they begin to be read, is
   * asked for no more than is read, and is told when that ends.
   *
   * @example
   * ```ts
   * import type { GraphClient } from "@portico/client"
   * import { K } from "@portico/schema"
   *
   * const watch = async (kernel: GraphClient, tell: (path: string) => void) => {
   *   for await (const { node } of kernel.stream(K.Node.changes, { under: "/contacts" })) tell(node?.path ?? "")
   * }
   * ```
   */
  stream<C extends StreamCallable>(
    callable: C,
    ...args: CallArgs<C, StreamOptions>
  ): Coming<M, ResultOf<C> extends AsyncIterable<infer A> ? A : never>
  /** The items of any address that streams, as JSON. */
  stream(path: string, params?: unknown, options?: StreamOptions & SentInput): Coming<M, unknown>

  /** Calls what gives bytes, and gives them as they come. */
  bytes<C extends BinaryCallable>(callable: C, ...args: CallArgs<C, StreamOptions>): Coming<M, Uint8Array>
  bytes(path: string, params?: unknown, options?: StreamOptions & SentInput): Coming<M, Uint8Array>

  /** The node, its properties as JSON by qualified key. */
  get(target: Target): Out<M, GraphNode>
  /** The node, its properties decoded. NOT_FOUND if it is of another class. */
  get<C extends AnyClass>(of: C, target: Target): Out<M, NodeOf<C>>
  /** Makes a node. */
  create<C extends AnyClass>(of: C, options: CreateOptions<C>): Out<M, Created>
  /** Sets and unsets properties, by their short or qualified keys. */
  update(target: Target, options: UpdateOptions<Readonly<Record<string, Json>>>): Out<M, GraphNode>
  update<C extends AnyClass>(of: C, target: Target, options: UpdateOptions<NewPropsOf<C>>): Out<M, NodeOf<C>>
  /** How many nodes went. NOT_EMPTY if it has children, unless `recursive`. */
  delete(
    target: Target,
    options?: { readonly recursive?: boolean; readonly ifRev?: number }
  ): Out<M, { readonly deleted: number }>
  move(
    target: Target,
    options: { readonly to: Target; readonly slug?: string; readonly ifRev?: number }
  ): Out<M, NodeAt>
  /** Out of the trash, by id or old path; with `seq` also back to the props and place of that commit. */
  restore(target: Target, options?: { readonly path?: string; readonly seq?: number }): Out<M, NodeAt>
  /** Who changed the node and its edges, when, through what; the latest change first. */
  history(
    target: Target,
    options?: PageOptions
  ): Out<M, { readonly changes: ReadonlyArray<HistoryEntry>; readonly next?: string }>
  /** What the caller may restore, the latest first. */
  listTrash(options?: PageOptions): Out<M, { readonly deleted: ReadonlyArray<Deleted>; readonly next?: string }>

  /**
   * A page of what is in the node: by slug, or in another order, and only what `where` says. LIMIT_EXCEEDED where that
   * would look at too much, with the index that would serve it. See {@link eachNode} for all pages.
   *
   * @example
   * ```ts
   * import { eachNode, type GraphClient } from "@portico/client"
   * import { compileDomain, defineSchema, nodeClass } from "@portico/schema"
   * import * as Schema from "effect/Schema"
   *
   * const Contact = nodeClass({ props: { name: Schema.String, age: Schema.Int }, indexes: [["age"]] })
   * const D = compileDomain(defineSchema("crm.example.dev", { classes: { Contact } }))
   *
   * const adults = async (kernel: GraphClient): Promise<ReadonlyArray<string>> => {
   *   const names: Array<string> = []
   *   const asked = { where: { age: { gte: 18 } }, order: [["age", "desc"]] } as const
   *   for await (const { props } of eachNode((page) => kernel.listChildren(D.Contact, "/contacts", { ...asked, ...page }))) {
   *     names.push(props.name)
   *   }
   *   return names
   * }
   * ```
   */
  listChildren(target: Target, options?: PageOptions & Finding & { readonly class?: string }): Out<M, NodePage>
  listChildren<C extends AnyClass>(
    of: C,
    target: Target,
    options?: PageOptions & FindingOf<C>
  ): Out<M, NodePage<NodeOf<C>>>
  /** How many children there are. */
  countChildren(target: Target, options?: Pick<Finding, "where"> & { readonly class?: string }): Out<M, number>
  countChildren<C extends AnyClass>(of: C, target: Target, options?: Pick<FindingOf<C>, "where">): Out<M, number>
  /**
   * Finds nodes, also by words, and follows their edges.
   *
   * @example
   * ```ts
   * import type { GraphClient } from "@portico/client"
   *
   * const titles = async (kernel: GraphClient): Promise<ReadonlyArray<string>> => {
   *   const { nodes, start } = await kernel.query({
   *     start: { search: "apollo", under: "/projects", page: { limit: 10 } },
   *     steps: [{ as: "people", edge: "crm.example.dev:class.works_on", dir: "in" }]
   *   })
   *   return start.nodes.flatMap((id) => nodes[id]?.path ?? [])
   * }
   * ```
   */
  query(query: GraphQuery): Out<M, QueryAnswer>
  /** The node and what is below it, parents before their children. */
  getTree(
    target: Target,
    options?: { readonly depth?: number; readonly limit?: number }
  ): Out<M, { readonly nodes: ReadonlyArray<GraphNode>; readonly truncated: boolean }>

  link<E extends AnyEdge>(
    source: Target,
    edge: E,
    target: Target,
    ...options: {} extends NewPropsOf<E> ? [LinkOptions<E>?] : [LinkOptions<E>]
  ): Out<M, GraphEdge>
  unlink(
    source: Target,
    edge: AnyEdge | string,
    target: Target,
    options?: { readonly slug?: string; readonly ifRev?: number }
  ): Out<M, { readonly deleted: number }>
  /** Changes the properties of an edge; a merge patch. */
  updateLink<E extends AnyEdge>(
    source: Target,
    edge: E,
    target: Target,
    options: UpdateOptions<NewPropsOf<E>> & { readonly slug?: string }
  ): Out<M, GraphEdge>
  getLink(
    source: Target,
    edge: AnyEdge | string,
    target: Target,
    options?: { readonly slug?: string }
  ): Out<M, GraphEdge>
  getLinks(target: Target, options?: LinksOptions): Out<M, LinkPage>
  /** How many edges there are whose other end may be seen, and is what is asked for. */
  countLinks(
    target: Target,
    options?: Pick<LinksOptions, "edge" | "direction"> & Pick<Finding, "where"> & { readonly class?: AnyClass | string }
  ): Out<M, number>

  /**
   * Makes many changes in one transaction: all of them, or none. An address may be `$0`, the node that the first change
   * made, or `$0.path/more`. Gives what each change would answer alone.
   */
  mutate(
    ops: ParamsOf<typeof K.Node.mutate>["ops"],
    options?: { readonly idempotencyKey?: string }
  ): Out<M, ResultOf<typeof K.Node.mutate>>

  /** Adds bits for an identity on a node and everything below it; gives its own mask there. */
  grant(
    identity: Target,
    options: { readonly node: Target; readonly perms: MaskInput }
  ): Out<M, { readonly mask: number }>
  revoke(
    identity: Target,
    options: { readonly node: Target; readonly perms: MaskInput }
  ): Out<M, { readonly mask: number }>
  listPerms(
    identity: Target,
    options?: PageOptions
  ): Out<M, { readonly grants: ReadonlyArray<Grant>; readonly next?: string }>
  /** Whether an identity (the caller unless told) has all of `perms` on a node. */
  check(options: {
    readonly node: Target
    readonly perms: MaskInput
    readonly identity?: Target
  }): Out<M, { readonly allowed: boolean; readonly mask: number }>
  /** Why an identity (the caller unless told) may or may not: the grants that count, and what is missing. */
  explain(options: {
    readonly node: Target
    readonly perms: MaskInput
    readonly identity?: Target
  }): Out<M, ResultOf<typeof K.Identity.explainPerm>>
  /** The nodes on which an identity (the caller unless told) has all of `perms`, in the order of their paths. */
  listAccessible(
    options: PageOptions & {
      readonly perms: MaskInput
      readonly identity?: Target
      readonly under?: Target
      readonly class?: AnyClass | string
    }
  ): Out<M, ResultOf<typeof K.Identity.listAccessible>>
  /** The identities that have all of `perms` on a node. */
  listHolders(
    target: Target,
    options: PageOptions & { readonly perms: MaskInput }
  ): Out<M, ResultOf<typeof K.Node.listHolders>>
  addMember(group: Target, member: Target): Out<M, { readonly added: boolean }>
  removeMember(group: Target, member: Target): Out<M, { readonly removed: boolean }>
  listMembers(
    group: Target,
    options?: PageOptions
  ): Out<
    M,
    {
      readonly members: ReadonlyArray<{ readonly id: string; readonly path: string; readonly class: string }>
      readonly next?: string
    }
  >
  whoami(): Out<M, WhoAmI>
}

/** The graph as Promises, and as Effects under `effect`. */
export interface GraphClient extends GraphApi<"promise"> {
  readonly effect: GraphApi<"effect">
}

/**
 * A client over any transport.
 *
 * @example
 * ```ts
 * import { makeGraphClient } from "@portico/client"
 * import * as Effect from "effect/Effect"
 *
 * const echo = makeGraphClient((request) => Effect.succeed({ result: request.params, seq: 1 }))
 * console.log(await echo.call("/:crm.example.dev:function.echo", { hello: "world" }))
 * ```
 */
export const makeGraphClient = (transport: Transport): GraphClient => {
  const effect = makeEffects(transport)
  const { bytes, stream, ...values } = effect
  return {
    ...toPromises<Omit<GraphApi<"promise">, "bytes" | "stream">>(values),
    ...iterables<Pick<GraphApi<"promise">, "bytes" | "stream">>({ bytes, stream }),
    effect
  }
}
