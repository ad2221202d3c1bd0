export type { Delivery } from "./internal/outgoing.ts"
export type { PostHogOptions } from "./PostHog.ts"
export * as PostHog from "./PostHog.ts"
export { PostHogConfig, PostHogModule, PostHogStartError } from "./PostHogModule.ts"
