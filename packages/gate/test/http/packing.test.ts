import { describe, expect, it } from "@effect/vitest"
import type { CompressionAlgorithm } from "effect/http/HttpPlatform"
import { makeNegotiation } from "../../src/internal/http/packing.ts"

const offered: ReadonlyArray<CompressionAlgorithm> = ["zstd", "br", "gzip"]

describe("what an answer is packed with", () => {
  it.each([
    { header: undefined, coding: undefined },
    { header: "", coding: undefined },
    { header: "gzip", coding: "gzip" },
    { header: "gzip, deflate, br", coding: "br" },
    { header: "gzip, deflate, br, zstd", coding: "zstd" },
    { header: "GZIP;Q=0.5", coding: "gzip" },
    { header: "br;q=0.2, gzip;q=0.8", coding: "gzip" },
    { header: "br;q=0, gzip", coding: "gzip" },
    { header: "gzip;q=0", coding: undefined },
    { header: "*", coding: "zstd" },
    { header: "zstd;q=0, *", coding: "br" },
    { header: "*;q=0", coding: undefined },
    { header: "identity, gzip;q=0.5", coding: undefined },
    { header: "identity;q=0.5, gzip", coding: "gzip" },
    { header: "deflate", coding: undefined },
    { header: ";;, =,q", coding: undefined }
  ])("is $coding for: $header", ({ coding, header }) => {
    expect(makeNegotiation(offered)(header)).toBe(coding)
  })

  it("is nothing that is not offered", () => {
    expect(makeNegotiation(["gzip"])("br, zstd")).toBe(undefined)
  })

  it("is the same each time, also for more headers than are remembered", () => {
    const negotiate = makeNegotiation(offered)
    const all = Array.from({ length: 200 }, (_, i) => negotiate(`gzip;q=0.${i}, x${i}`))
    expect(all.slice(1)).toEqual(Array.from({ length: 200 }, (_, i) => negotiate(`gzip;q=0.${i}, x${i}`)).slice(1))
    expect(all[199]).toBe("gzip")
  })
})
