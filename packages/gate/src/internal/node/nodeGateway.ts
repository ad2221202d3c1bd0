import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Layer from "effect/Layer"
import { HttpTransport } from "../../HttpTransport.ts"
import { nodeTransport } from "./nodeTransport.ts"

export const NodeGateway = {
  /** What `GatewayInstance.start` needs on Node: a listener on `node:http`, the file system, and paths. */
  layer: Layer.merge(Layer.succeed(HttpTransport, nodeTransport), NodeServices.layer)
} as const
