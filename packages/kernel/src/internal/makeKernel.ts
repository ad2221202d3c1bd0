import { Extensions } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { isPorticoError, K, Path, READ } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { WebCrypto } from "effect/crypto/WebCrypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Kernel, type KernelService } from "../Kernel.ts"
import { callables, dispatcher, permissionRecorders, refusalListeners } from "../KernelExtensions.ts"
import { SchemaInstaller } from "../SchemaInstaller.ts"
import { describe } from "./call/describe.ts"
import { makeCall, reading } from "./call/makeCall.ts"
import { makeKernelMethods } from "./call/methods.ts"
import { makeCursors } from "./cursor.ts"
import { boot, isBooted } from "./install/boot.ts"
import { isFindable, makeFindable } from "./install/findable.ts"
import { makeInstaller } from "./install/makeInstaller.ts"
import type { OpTools } from "./ops/Op.ts"
import { Standing } from "./permission/Standing.ts"
import { sweep, sweeping } from "./retention.ts"
import { locate, makeAddressParser, type ParsedAddress } from "./store/Address.ts"
import type { Graph } from "./store/Graph.ts"
import { type GraphStore, told } from "./store/GraphStore.ts"
import { openGraphSnapshot } from "./store/graphSnapshot.ts"
import { makeIds } from "./store/ids.ts"
import type { NodeRecord } from "./store/NodeRecord.ts"
import { viewOf } from "./store/nodes.ts"
import { openStore } from "./store/openStore.ts"
import { anyPlaceById, type Place, placeByKey } from "./store/places.ts"

/** How a kernel is tuned. */
export interface KernelOptions {
  /** Nodes that are remembered. */
  readonly cacheNodes: number
  /** Longest time that a call into a domain may take, in milliseconds. */
  readonly callTimeout: number
  /** The same where its input or output streams. */
  readonly streamTimeout: number
  /** How long what was deleted can be restored, in milliseconds. */
  readonly keepTrash: number
  /** How long changes are kept, in milliseconds. */
  readonly keepHistory: number
  /** Nodes that a `where` or an `order` may look at which no index serves. */
  readonly scanLimit: number
  /** Rows of a file that are imported in one transaction; ten times as many where it is to be whole, or is tried. */
  readonly importRows: number
  /** Edges that a query may follow in a row. */
  readonly queryDepth: number
  /** Nodes that a query, a count or a check for cycles may come by. */
  readonly queryVisited: number
  /** Nodes that one restore of all below a node may come by; ten times as many changes of place are looked through. */
  readonly restoreNodes: number
  /** Items of a page. */
  readonly pageSize: number
  /** Changes of one `Node:mutate`. */
  readonly batchSize: number
  /** Bytes that the props of a node or an edge may take, as JSON. */
  readonly propsBytes: number
  /** Slugs of a path. */
  readonly pathDepth: number
  /** Calls within calls. */
  readonly callDepth: number
}

const secretBytes = 32

/** The key that cursors are signed with: made once, kept with the data. */
const cursorSecret = (store: GraphStore, fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void) => {
  const secret = new Uint8Array(secretBytes)
  fillRandom(secret)
  return store.write((tx) => {
    const { bytesOfMeta } = tx.sql
    const select = tx.conn.prepare(`SELECT ${bytesOfMeta} AS secret FROM kernel_meta WHERE name = 'cursor secret'`)
    const known = select.get()?.secret
    if (known instanceof Uint8Array) return known
    tx.conn.prepare(`INSERT INTO kernel_meta (name, ${bytesOfMeta}) VALUES ('cursor secret', ?)`).run(secret)
    return secret
  })
}

const asNode = (address: string): string =>
  address.startsWith("/") || address.startsWith("@") ? address : `@${address}`

/** The node at an address, unchecked; an address that is none names nothing. */
const unchecked = (graph: Graph, tools: OpTools, address: string): NodeRecord | undefined => {
  const parsed = tryParse(tools, asNode(address))
  if (parsed === undefined || !Path.isNodeAddress(parsed.address)) return undefined
  return locate(graph, parsed.address, parsed.nodeText).node
}

const idForm = /^[0-9a-f-]{36}$/

/**
 * The same, where no more is asked than what permissions know of a node. It may be in the trash, where nobody has any
 * bit. Who asks mostly has an id, which is not worth remembering as an address.
 */
const uncheckedPlace = (graph: Graph, tools: OpTools, address: string): Place | undefined => {
  const text = asNode(address)
  if (!text.startsWith("@")) return unchecked(graph, tools, text)
  const id = text.slice(1)
  const key = graph.caches.keysById.get(id)
  if (key !== undefined) return placeByKey(graph, key)
  return idForm.test(id) ? anyPlaceById(graph, id) : undefined
}

const tryParse = (tools: OpTools, text: string): ParsedAddress | undefined => {
  try {
    return tools.parse(text)
  } catch (thrown) {
    if (isPorticoError(thrown)) return undefined
    throw thrown
  }
}

/** Opens the graph in the product's database, boots it, and gives the kernel's services. */
export const makeKernel = (options: KernelOptions) =>
  Effect.gen(function* () {
    const database = yield* Database
    const clock = yield* Clock.Clock
    const crypto = yield* WebCrypto
    const context = yield* Effect.context<Extensions>()
    const fillRandom = (bytes: Uint8Array<ArrayBuffer>): void => {
      crypto.getRandomValues(bytes)
    }
    const now = () => clock.currentTimeMillisUnsafe()
    const last = yield* Effect.catch(
      database.read((conn) => conn.prepare("SELECT max(id) AS id FROM nodes").get()?.id),
      told
    )
    const ids = makeIds(now, fillRandom, typeof last === "string" ? last : undefined)
    const store = yield* openStore(
      database,
      { nodes: options.cacheNodes },
      { ids, now, propsBytes: options.propsBytes }
    )
    if (!(yield* store.read(isBooted))) yield* store.write(boot)
    if (!(yield* store.read(isFindable))) yield* store.write(makeFindable)
    const { result: secret } = yield* cursorSecret(store, fillRandom)
    const methods = makeKernelMethods()
    const extensions = Context.get(context, Extensions)
    const recorders = extensions.ref(permissionRecorders)
    const listeners = extensions.ref(refusalListeners)
    const tools: OpTools = {
      // Minting gives nothing but a part of what the caller has: no bound need name it.
      operations: new Set([...methods.keys(), K.Identity.mintDelegationCredential.path]),
      parse: makeAddressParser(options.cacheNodes >> 2),
      cursors: makeCursors(secret),
      keep: { trash: options.keepTrash, history: options.keepHistory },
      limits: {
        scan: options.scanLimit,
        depth: options.queryDepth,
        visited: options.queryVisited,
        page: options.pageSize,
        ops: options.batchSize,
        pathDepth: options.pathDepth,
        callDepth: options.callDepth
      },
      restoreNodes: options.restoreNodes,
      onRecord: (conn, change) => {
        for (const { value } of recorders.current) value(conn, change)
      },
      onRefusal: (refusal) => {
        for (const { value } of listeners.current) value(refusal)
      }
    }
    const { call, change } = makeCall(
      store,
      tools,
      methods,
      {
        callables: extensions.ref(callables),
        dispatcher: extensions.ref(dispatcher),
        timeout: options.callTimeout,
        streamTimeout: options.streamTimeout,
        now,
        callId: ids.next,
        onRefusal: tools.onRefusal
      },
      { importRows: options.importRows, snapshot: openGraphSnapshot(database) }
    )
    const kernel: KernelService = {
      call,
      change,
      describe: (authority, path) => reading(store, tools, authority, (op) => describe(op, path)),
      resolve: (authority, path) =>
        reading(store, tools, authority, (op) => viewOf(op.graph, op.node(path, READ, "resource"))),
      node: (address) =>
        store.read((graph) => {
          const node = unchecked(graph, tools, address)
          return node === undefined ? Option.none() : Option.some(viewOf(graph, node))
        }),
      mask: (authority, address) =>
        store.read((graph) => {
          const node = uncheckedPlace(graph, tools, address)
          return node === undefined ? 0 : new Standing(graph, authority).mask(node)
        }),
      seq: store.seq
    }
    return Layer.mergeAll(
      Layer.succeed(Kernel, kernel),
      Layer.succeed(SchemaInstaller, makeInstaller(store, database.tryLock)),
      Layer.effectDiscard(Effect.forkScoped(sweeping(sweep(store, tools.keep, now))))
    )
  })
