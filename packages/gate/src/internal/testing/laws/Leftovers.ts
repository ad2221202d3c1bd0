import { AsyncLocalStorage, createHook } from "node:async_hooks"
import * as Effect from "effect/Effect"
import type { FiberRuntimeMetricsService } from "effect/Metric"

/** What a module may have left open, by the name that Node gives to it. */
const kinds: Readonly<Record<string, string>> = {
  Timeout: "timer",
  TCPSERVERWRAP: "listening socket",
  TCPWRAP: "connection",
  PIPESERVERWRAP: "listening socket",
  PIPEWRAP: "pipe",
  UDPWRAP: "UDP socket",
  FSEVENTWRAP: "file watcher",
  STATWATCHER: "file watcher",
  PROCESSWRAP: "child process",
  SIGNALWRAP: "signal listener",
  WORKER: "worker",
  FILEHANDLE: "open file"
}

interface Open {
  readonly kind: string
  readonly resource: object
  readonly place: string | undefined
}

/** Milliseconds that everything gets to end by itself once a life is over, and between two looks at it. */
const patience = 500
const interval = 5

const placeIn = (stack: string): string | undefined => {
  const frames = stack.split("\n").slice(1)
  const own = frames.find((frame) => !/node_modules|\(node:|at node:|internal[\\/]testing[\\/]laws[\\/]/.test(frame))
  return own === undefined ? undefined : /\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/.exec(own)?.[1]
}

const stackHere = (): string => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 40
  const { stack = "" } = new Error("here")
  Error.stackTraceLimit = limit
  return stack
}

// Node tells that a file is closed only once it is collected.
const isClosedFile = ({ kind, resource }: Open): boolean =>
  kind === "FILEHANDLE" && "fd" in resource && resource.fd === -1

/** Watches what one life leaves open: fibers by their own count, timers and handles where Node makes them. */
export class Leftovers {
  readonly #inside = new AsyncLocalStorage<Leftovers>()
  readonly #outside = AsyncLocalStorage.snapshot()
  readonly #open = new Map<number, Open>()
  readonly #hook = createHook({
    init: (id, kind, _, resource) => {
      if (!(kind in kinds) || this.#inside.getStore() !== this) return
      const stack = stackHere()
      // Standard input and output are opened when somebody first uses them, and belong to the process.
      if (stack.includes("node:internal/bootstrap")) return
      this.#open.set(id, { kind, resource, place: placeIn(stack) })
    },
    destroy: (id) => void this.#open.delete(id)
  })
  #fibers = 0

  /** For the context of the life: whatever it forks is counted. */
  readonly fibers: FiberRuntimeMetricsService = {
    recordFiberStart: () => void this.#fibers++,
    recordFiberEnd: () => void this.#fibers--
  }

  /** Runs the beginning of a life; what comes of it later is watched too. */
  enter(run: () => void): void {
    this.#hook.enable()
    this.#inside.run(this, run)
  }

  /** For what is done at the end of a life, but is no part of it. */
  exit(run: () => void): void {
    this.#outside(run)
  }

  /** What is left once everything had time to end, for example `1 timer (set at …)`; `undefined` if nothing is. */
  readonly settled: Effect.Effect<string | undefined> = Effect.callback((resume) => {
    // In real time, whatever clock a test has: handles are closed by the world outside.
    let looks = Math.ceil(patience / interval)
    let timer: NodeJS.Timeout | undefined
    const look = (): void => {
      const left = this.#left()
      if (left !== undefined && looks-- > 0) {
        timer = setTimeout(look, interval)
        return
      }
      this.#hook.disable()
      resume(Effect.succeed(left))
    }
    this.exit(look)
    return Effect.sync(() => {
      clearTimeout(timer)
      this.#hook.disable()
    })
  })

  #left(): string | undefined {
    const parts: Array<string> = []
    if (this.#fibers > 0) parts.push(this.#fibers === 1 ? "a fiber" : `${this.#fibers} fibers`)
    for (const open of this.#open.values()) {
      if (isClosedFile(open)) continue
      // Timers of Effect itself belong to fibers, which are counted.
      if (open.kind === "Timeout" && open.place === undefined && this.#fibers > 0) continue
      parts.push(`a ${kinds[open.kind]}${open.place === undefined ? "" : ` (made at ${open.place})`}`)
    }
    return parts.length === 0 ? undefined : parts.join(", ")
  }
}
