export * from "./Enrolment.ts"
export * from "./TrustKey.ts"
