/** A place in the code. `file` is a path as the engine reports it, without `file://`; `line` counts from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** A declaration place that is worked out when it is first read, because most are never shown. */
export interface CallSite {
  readonly place: Place | undefined
}

/** Frames to keep: the caller, and a few frames of ours above it. */
const depth = 6

/**
 * Captures where the caller of `boundary` is. `boundary` is the public function that the user called, so that neither
 * it nor anything of ours below it shows up.
 */
export const capture = (boundary: (...args: ReadonlyArray<never>) => unknown): CallSite => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = depth
  const carrier: { readonly stack?: string } = {}
  Error.captureStackTrace?.(carrier, boundary)
  Error.stackTraceLimit = limit
  let place: Place | undefined | null = null
  return {
    get place() {
      if (place === null) place = parse(carrier.stack, bundle)
      return place
    }
  }
}

const frame = /\(?((?:file:\/\/)?[^()\s][^()]*?):(\d+):\d+\)?$/

const pathOf = (url: string): string => decodeURI(url.replace(/^file:\/\//, "").replace(/\?.*$/, ""))

/** The folder of the bundle that a file of this name is in by now; `undefined` where it is a file of its own. */
export const bundleOf = (url: string): string | undefined =>
  /\/callsite\.[jt]s$/.test(url) ? undefined : pathOf(url).replace(/[^/]*$/, "")

const bundle = bundleOf(import.meta.url)

/**
 * The first frame of a V8 stack that names a file. A line of a bundle says nothing to anybody, so it is no place; with
 * source maps the frame names the source instead.
 */
export const parse = (stack: string | undefined, bundle?: string): Place | undefined => {
  if (stack === undefined) return undefined
  for (const line of stack.split("\n").slice(1)) {
    const found = frame.exec(line.trim().replace(/^at (?:async )?/, ""))
    const file = found?.[1]
    if (file === undefined || file.startsWith("node:")) continue
    const path = pathOf(file)
    return bundle !== undefined && path.startsWith(bundle) ? undefined : { file: path, line: Number(found?.[2]) }
  }
  return undefined
}

/** `src/Crm.ts:12`, relative to `cwd` where the file lies inside it. */
export const format = (place: Place, cwd?: string): string => {
  const inside = cwd !== undefined && place.file.startsWith(`${cwd}/`)
  return `${inside ? place.file.slice(cwd.length + 1) : place.file}:${place.line}`
}
