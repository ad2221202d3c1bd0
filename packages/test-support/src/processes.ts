/**
 * The environment of a process that a test starts: where programs are, what other processes have compiled before, and
 * `extra`. Nothing else of the machine's settings gets there.
 *
 * @example
 * ```ts
 * import { childEnvironment } from "@portico/test-support/processes"
 *
 * const env = childEnvironment({ PORTICO_LOG_LEVEL: "debug" })
 * ```
 */
export const childEnvironment = (extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const { NODE_COMPILE_CACHE: compiled, PATH: path = "" } = process.env
  return { PATH: path, ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }), ...extra }
}
