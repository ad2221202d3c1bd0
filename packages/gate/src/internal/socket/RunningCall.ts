import type * as Fiber from "effect/Fiber"
import { SocketFailure } from "../../SocketRpc.ts"
import type { RpcHost } from "./RpcHost.ts"

/** What identifies a call on its connection: the client chooses it. */
export type CallId = string | number

/** A call from its request until its exit. */
export class RunningCall {
  readonly id: CallId
  readonly tag: string
  readonly host: RpcHost
  /** What the log and the client know it by. */
  readonly requestId: string
  readonly resumable: boolean
  /** Whether its params were read, so that a defect is the server's. */
  entered = false
  /** Position of the last item that was sent, where they have one. */
  position: string | undefined = undefined
  private ending: SocketFailure | undefined = undefined
  private fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined

  constructor(id: CallId, tag: string, host: RpcHost, requestId: string) {
    this.id = id
    this.tag = tag
    this.host = host
    this.requestId = requestId
    this.resumable = host.isResumable(tag)
  }

  /** Whether it is ended before its time. */
  get isEnding(): boolean {
    return this.ending !== undefined
  }

  /** Why it is ended before its time, and where it can be gone on with. */
  get failure(): SocketFailure | undefined {
    if (this.ending === undefined) return undefined
    const { code, details, message } = this.ending
    const resume = this.position === undefined ? {} : { resume: this.position }
    return SocketFailure.from({ code, message, details: { ...details, ...resume }, requestId: this.requestId })
  }

  /** From here on `fiber` runs the handler. */
  enter(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.entered = true
    this.fiber = fiber
    if (this.ending !== undefined) fiber.interruptUnsafe()
  }

  /** Breaks it off. The client is told `failure` in place of the interruption. */
  end(failure: SocketFailure): void {
    if (this.ending !== undefined) return
    this.ending = failure
    this.fiber?.interruptUnsafe()
  }
}
