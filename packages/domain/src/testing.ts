export * from "./internal/testing/FakeKernel.ts"
export * from "./internal/testing/invokeDomain.ts"
export * from "./internal/testing/signWebhook.ts"
