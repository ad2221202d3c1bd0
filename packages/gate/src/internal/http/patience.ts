/** Requests whose body may take longer than requests may: whoever reads it looks that it goes on. */
const awaited = new WeakSet<object>()

/** Keeps the transport from ending a request that has not arrived as a whole in time. `source` is what it came as. */
export const waitFor = (source: object): void => {
  awaited.add(source)
}

/** Whether somebody reads the body of this request as it arrives. */
export const isAwaited = (source: object): boolean => awaited.has(source)
