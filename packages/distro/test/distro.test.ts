import { Gateway, Plan, transportErrors } from "@portico/gate"
import { errorCatalogue } from "@portico/schema"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { bundledDomains, porticoGateway } from "../src/index.ts"

const planned = (domains = bundledDomains) => Result.getOrThrow(Gateway.plan(porticoGateway({ domains })))

describe("the distro", () => {
  it("plans without a diagnostic, not even a warning", () => {
    expect(planned().warnings).toEqual([])
  })

  it("starts the store before the graph, and the graph before who uses it", () => {
    const waveOf = (id: string) => planned().waves.findIndex((wave) => wave.includes(id))
    expect(waveOf("database")).toBeLessThan(waveOf("kernel"))
    expect(waveOf("kernel")).toBeLessThan(waveOf("auth"))
    expect(waveOf("kernel")).toBeLessThan(waveOf("domains"))
  })

  it("takes where its signals go from the environment, and shows no secret of it", () => {
    const env = { PORTICO_OTLP_URL: "http://localhost:4318", PORTICO_OTLP_HEADERS: "x-key=s3cr3t" }
    const plan = Result.getOrThrow(Gateway.plan(porticoGateway(), { settings: { env } }))
    expect(Plan.text(plan)).not.toContain("s3cr3t")
    expect(plan.settings.find(({ key }) => key === "otlp.url")?.value).toBe("http://localhost:4318")
  })

  it("takes the mail server from the environment, and shows nothing of its URL, which may hold a password", () => {
    const env = { PORTICO_MAIL_URL: "smtps://desk:s3cr3t@mail.example.com", PORTICO_MAIL_FROM: "desk@example.com" }
    const plan = Result.getOrThrow(Gateway.plan(porticoGateway(), { settings: { env } }))
    expect(Plan.text(plan)).not.toContain("s3cr3t")
    expect(plan.settings.find(({ key }) => key === "mail.from")?.value).toBe("desk@example.com")
  })

  it("takes PostHog from the environment, and shows no key that reads", () => {
    const env = { PORTICO_POSTHOG_URL: "https://eu.i.posthog.com", PORTICO_POSTHOG_PERSONAL_KEY: "phx_s3cr3t" }
    const plan = Result.getOrThrow(Gateway.plan(porticoGateway(), { settings: { env } }))
    expect(Plan.text(plan)).not.toContain("s3cr3t")
    expect(plan.settings.find(({ key }) => key === "posthog.url")?.value).toBe("https://eu.i.posthog.com")
  })

  it("keeps one plan, whoever computes it and whatever the settings are", () => {
    const other = Gateway.plan(porticoGateway(), { settings: { env: { PORTICO_PORT: "4010" } } })
    expect(Result.getOrThrow(other).hash).toBe(planned().hash)
  })

  it("has another plan without its bundled domains, and the difference says which", () => {
    const changes = JSON.stringify(Plan.diff(planned(), planned([])))
    expect(changes).toContain("crm.example.dev")
  })

  it("gives a code one status, whether the transport or the graph answers with it", () => {
    const statusOf = new Map(Object.entries(errorCatalogue).map(([code, { status }]) => [code, status]))
    const both = Object.entries(transportErrors).filter(([code]) => statusOf.has(code))
    expect(both.length).toBeGreaterThan(10)
    for (const [code, { status }] of both) expect([code, status]).toEqual([code, statusOf.get(code)])
  })
})
