import type { HandlerContext } from "@portico/domain"

/** The graph, as a handler is given it. The logic in `core/` takes it as an argument, so that a test can give a fake. */
export type Graph = HandlerContext<unknown, unknown, undefined>["kernel"]
