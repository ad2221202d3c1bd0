import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A port that nobody listens on: for what has to know its own URL before it listens. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
