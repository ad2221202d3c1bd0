import { describe, expect, it } from "@effect/vitest"
import { applicationId, formatVersion, inspectHeader, verdictOfVersion } from "../../src/sqlite/internal/header.ts"

const header = (fields: { readonly pageSize?: number; readonly pages?: number; readonly version?: number } = {}) => {
  const bytes = new Uint8Array(100)
  bytes.set(new TextEncoder().encode("SQLite format 3\0"))
  const view = new DataView(bytes.buffer)
  view.setUint16(16, fields.pageSize ?? 4_096)
  view.setUint32(24, 7)
  view.setUint32(92, 7)
  view.setUint32(28, fields.pages ?? 2)
  view.setUint32(60, fields.version ?? formatVersion)
  view.setUint32(68, applicationId)
  return bytes
}

describe("the header of a database file", () => {
  it("is ours with our mark and a version that we know", () => {
    expect(inspectHeader(header(), 8_192)).toEqual({ _tag: "Ours" })
    expect(inspectHeader(new Uint8Array(), 0)).toEqual({ _tag: "Empty" })
  })

  it("counts a page size of 1 as 65,536 bytes", () => {
    expect(inspectHeader(header({ pageSize: 1 }), 131_072)).toEqual({ _tag: "Ours" })
    expect(inspectHeader(header({ pageSize: 1 }), 65_536)).toMatchObject({ _tag: "Refused", reason: "Corrupt" })
  })

  it("may promise more pages than the file has while a log waits to be copied back", () => {
    expect(inspectHeader(header({ pages: 9 }), 8_192)).toMatchObject({ reason: "Corrupt" })
    expect(inspectHeader(header({ pages: 9 }), 8_192, 50_000)).toEqual({ _tag: "Ours" })
  })

  it("refuses impossible page sizes, later formats and other programs", () => {
    for (const pageSize of [0, 100, 4_095]) {
      expect(inspectHeader(header({ pageSize }), 8_192)).toMatchObject({ reason: "Corrupt" })
    }
    expect(inspectHeader(header({ version: formatVersion + 1 }), 8_192)).toMatchObject({ reason: "Newer" })
    expect(verdictOfVersion(0, 0)).toMatchObject({ reason: "Other" })
  })
})
