import type { DatabaseReason } from "@portico/gate/database"

/** "Port" in ASCII: marks a file as ours in the SQLite header. */
export const applicationId = 0x506f7274

/** The layout that this adapter writes, kept in `user_version`. Tables of modules are versioned by their migrations. */
export const formatVersion = 1

/** Bytes of a file that {@link inspectHeader} needs. */
export const headerLength = 100

/** What the first bytes of a database file say about it. */
export type HeaderVerdict =
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Ours" }
  | { readonly _tag: "Refused"; readonly reason: DatabaseReason; readonly message: string }

const refused = (reason: DatabaseReason, message: string): HeaderVerdict => ({ _tag: "Refused", reason, message })

const magic = "SQLite format 3\0"

/**
 * Judges a file by its header, so that a newer, foreign or damaged one is refused without being opened by SQLite,
 * which might already write (recovery of a write-ahead log, a shared-memory file).
 *
 * Sizes are bytes; `logSize` is that of the write-ahead log beside the file.
 * Source: https://www.sqlite.org/fileformat.html section 1.3.
 */
export const inspectHeader = (header: Uint8Array, fileSize: number, logSize = 0): HeaderVerdict => {
  if (fileSize === 0) return { _tag: "Empty" }
  if (header.length < headerLength || String.fromCharCode(...header.subarray(0, 16)) !== magic) {
    return refused("Corrupt", "it is not an SQLite database")
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const rawPageSize = view.getUint16(16)
  const pageSize = rawPageSize === 1 ? 65_536 : rawPageSize
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) return refused("Corrupt", `its page size is ${pageSize}`)
  // The page count is only kept up to date by writers that also copy the change counter to `version-valid-for`. While
  // a write-ahead log waits to be copied back, the file may rightly be shorter than its first page says.
  const pages = view.getUint32(24) === view.getUint32(92) ? view.getUint32(28) : 0
  if (logSize === 0 && pages * pageSize > fileSize) {
    return refused("Corrupt", `it is cut short: ${fileSize} bytes of ${pages * pageSize}`)
  }
  const found = { application: view.getUint32(68), version: view.getUint32(60) }
  return verdictOfVersion(found.application, found.version)
}

/** The same judgement for a file that SQLite has read, its write-ahead log included. */
export const verdictOfVersion = (application: number, version: number): HeaderVerdict => {
  if (application !== applicationId) return refused("Other", "it belongs to another program")
  if (version > formatVersion) {
    return refused("Newer", `its format is ${version} and this version of the product knows up to ${formatVersion}`)
  }
  return { _tag: "Ours" }
}
