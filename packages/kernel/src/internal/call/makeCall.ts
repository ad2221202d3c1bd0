import { step } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Authority } from "../../Authority.ts"
import type { CallAnswer, CallRequest, KernelService } from "../../Kernel.ts"
import { Op, type OpTools, WriteOp } from "../ops/Op.ts"
import type { CallableInfo } from "../schema/types.ts"
import { seqOf, type Tx } from "../store/Graph.ts"
import { type GraphStore, isParts, type Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { viewOf } from "../store/nodes.ts"
import type { ExportContext } from "../transfer/exporting.ts"
import { maxExports } from "../transfer/limits.ts"
import { Slots } from "../transfer/Slots.ts"
import type { RowTx } from "../transfer/transaction.ts"
import { authorize, checkKnown } from "./authorize.ts"
import type { Check } from "./checks.ts"
import { type DispatchTools, makeDispatch } from "./dispatch.ts"
import { bytesOf, checkWants, inputOf } from "./input.ts"
import { isLong } from "./isLong.ts"
import type { KernelMethod } from "./methods.ts"
import { keyInParams } from "./mutate.ts"
import { makeOnce, type Within } from "./once.ts"
import { routeOf } from "./route.ts"
import { runWhileAllowed, streamWhileAllowed } from "./whileAllowed.ts"

/** What files are read and written with. */
export interface TransferTools extends Pick<ExportContext, "snapshot"> {
  /** Rows that are imported in one transaction. */
  readonly importRows: number
}

export type Call = (authority: Authority, request: CallRequest) => Effect.Effect<CallAnswer, PorticoError>

/**
 * `kernel.call`. A read is routed, authorized and run in one synchronous stretch, so it sees one commit; a write does
 * all three inside its transaction, so what it was allowed by still holds when it happens.
 */
export const makeCall = (
  store: GraphStore,
  tools: OpTools,
  methods: ReadonlyMap<string, KernelMethod>,
  dispatching: DispatchTools,
  transfer: TransferTools
): Pick<KernelService, "call" | "change"> => {
  const dispatch = makeDispatch(dispatching)
  const slots = new Slots(maxExports)

  const change = (op: WriteOp, request: CallRequest, isJson = false): unknown | Parts<unknown> => {
    const { callable, self, params } = authorize(op, routeOf(op.graph, tools, request), request, isJson)
    return runChange(op, methods.get(callable.path), self, params)
  }

  const runChange = (
    op: WriteOp,
    method: KernelMethod | undefined,
    self: NodeRecord | undefined,
    params: unknown
  ): unknown | Parts<unknown> => {
    if (method?.kind === "write") return method.run(op, self, params)
    if (method?.kind === "batch") return changeMany(op, method, params)
    throw PorticoError.make("UNAVAILABLE", "the schema changed while this call waited")
  }

  /** Each change is a part of its own. What it noted is taken back where it is begun anew. */
  function* changeMany(
    op: WriteOp,
    method: KernelMethod & { readonly kind: "batch" },
    params: unknown
  ): Parts<unknown> {
    const atEnd: Array<() => void> = []
    const { noted } = op
    const make = (request: CallRequest) => {
      const ends = atEnd.length
      const notes = noted?.length ?? 0
      return () => {
        atEnd.length = ends
        if (noted !== undefined) noted.length = notes
        // What it is made of was checked with the whole batch.
        return change(new WriteOp(op.graph, op.authority, tools, { atEnd, noted }), request, true)
      }
    }
    const result = yield* method.run(make, params, tools.limits.ops)
    for (const check of atEnd) yield* step(check)
    return result
  }

  const write = (authority: Authority, request: CallRequest): Effect.Effect<CallAnswer, PorticoError> =>
    store.write((tx) => change(new WriteOp(tx, authority, tools), request), { long: isLong(request) })

  const changeWith: KernelService["change"] = (authority, request, also) =>
    store.write(
      (tx) => {
        const outcome = change(new WriteOp(tx, authority, tools), request)
        if (isParts(outcome)) return followed(outcome, (result) => also(tx.conn, result))
        also(tx.conn, outcome)
        return outcome
      },
      { long: isLong(request) }
    )

  const within = (tx: Tx, authority: Authority, request: CallRequest, noted: Array<Check>): Within => {
    const op = new WriteOp(tx, authority, tools, { noted })
    const { callable, self, params } = authorize(op, routeOf(tx, tools, request), request)
    if (callable.contract.output !== "value") return { _tag: "Stream" }
    checkWants(callable, request)
    const method = methods.get(callable.path)
    if (method === undefined || method.kind === "stream" || method.kind === "intake") return { _tag: "Elsewhere" }
    if (method.kind === "read") return { _tag: "Value", result: method.run(op, self, params) }
    const result = runChange(op, method, self, params)
    return isParts(result) ? { _tag: "Parts", parts: result } : { _tag: "Value", result }
  }

  const rowWriter =
    (authority: Authority, request: CallRequest) =>
    <A>(work: (tx: RowTx) => Parts<A>) =>
      store.write(
        (tx) => {
          authorize(new Op(tx, authority, tools), routeOf(tx, tools, request), request)
          const changeRow: RowTx["change"] = (row, atEnd) => change(new WriteOp(tx, authority, tools, { atEnd }), row)
          return work({ tx, change: changeRow })
        },
        { long: true }
      )

  const plain: Call = (authority, request) =>
    store.readThen((graph): Effect.Effect<CallAnswer, PorticoError> => {
      checkLimits(authority, tools.limits.callDepth, dispatching.now)
      const route = routeOf(graph, tools, request)
      const method = route.callable === undefined ? undefined : methods.get(route.callable.path)
      const op = new Op(graph, authority, tools)
      if (method?.kind === "write" || method?.kind === "batch") {
        checkKnown(op, route)
        if (route.callable !== undefined) checkWants(route.callable, request)
        return write(authority, request)
      }
      const { callable, self, params } = authorize(op, route, request)
      checkWants(callable, request)
      const input = inputOf(callable, request)
      const read = <A>(work: (now: Op) => A) =>
        reading(store, tools, authority, (now) => {
          authorize(now, routeOf(now.graph, tools, request), request)
          return work(now)
        })
      if (method?.kind === "stream") {
        const result = method.run({ op, read, pulse: store.pulse, snapshot: transfer.snapshot, slots }, params)
        const outputType = method.typeOf?.(params)
        return Effect.succeed({
          result,
          seq: seqOf(graph),
          ...outputOf(callable),
          ...(outputType === undefined ? undefined : { outputType })
        })
      }
      if (method?.kind === "intake") {
        const write = rowWriter(authority, request)
        const bytes = bytesOf(callable, input)
        return Effect.map(
          method.run({ input: bytes, inputType: request.inputType, rows: transfer.importRows, read, write }, params),
          (result) => ({
            result,
            seq: store.recentSeq()
          })
        )
      }
      if (method !== undefined) return Effect.succeed({ result: method.run(op, self, params), seq: seqOf(graph) })
      const view = self === undefined ? undefined : viewOf(graph, self)
      const standing = { check: read(() => undefined), pulse: store.pulse }
      const answer = Effect.map(dispatch(graph, { callable, self: view, params, authority, input }), (result) => ({
        result: Stream.isStream(result)
          ? streamWhileAllowed(result as Stream.Stream<unknown, unknown>, standing)
          : result,
        seq: store.recentSeq(),
        ...outputOf(callable)
      }))
      return input === undefined ? answer : runWhileAllowed(answer, standing)
    })

  const once = makeOnce({ store, tools, timeout: dispatching.timeout, within, call: plain })
  const call: Call = (authority, request) => {
    const key = request.idempotencyKey ?? keyInParams(request)
    if (key !== undefined && request.input !== undefined) return Effect.fail(noKey)
    return key === undefined ? plain(authority, request) : once(authority, request, key)
  }
  return { call, change: changeWith }
}

/** Parts, and one more after them. */
function* followed<A>(parts: Parts<A>, then: (result: A) => void): Parts<A> {
  const result = yield* parts
  yield* step(() => then(result))
  return result
}

const noKey = PorticoError.make("INVALID_PARAMS", "an Idempotency-Key is not for a call that reads a stream", {
  issues: [{ path: ["idempotency-key"], code: "input", message: "not for a call that reads a stream" }]
})

const outputOf = ({ contract: { output } }: CallableInfo) => (output === "value" ? undefined : { output })

const checkLimits = (authority: Authority, max: number, now: () => number): void => {
  if (authority.depth >= max) {
    throw PorticoError.make("LIMIT_EXCEEDED", `calls go at most ${max} deep`, {
      limit: "callDepth",
      max
    })
  }
  if (authority.deadline !== undefined && now() > authority.deadline) {
    throw PorticoError.make("TIMEOUT", "the call ran past its deadline")
  }
}

/** Runs a read on the last commit. */
export const reading = <A>(
  store: GraphStore,
  tools: OpTools,
  authority: Authority,
  run: (op: Op) => A
): Effect.Effect<A, PorticoError> => store.read((graph) => run(new Op(graph, authority, tools)))
