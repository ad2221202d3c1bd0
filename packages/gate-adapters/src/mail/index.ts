export { MailConfig, MailModule } from "./MailModule.ts"
export type { OutboxOptions } from "./Outbox.ts"
export * as Outbox from "./Outbox.ts"
export { OutboxConfig, OutboxModule } from "./OutboxModule.ts"
