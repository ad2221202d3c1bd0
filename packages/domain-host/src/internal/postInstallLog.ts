import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import { Migration } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { PostInstallState } from "../DomainHost.ts"

/** Remembers how `postInstall` ended, so that one that was cut short or failed runs again at the next start. */
export interface PostInstallLog {
  /** `pending` where nothing is known for this contract. */
  readonly stateOf: (origin: string, contractId: string) => Effect.Effect<PostInstallState, PorticoError>
  readonly record: (origin: string, contractId: string, state: PostInstallState) => Effect.Effect<void, PorticoError>
  readonly forget: (origin: string) => Effect.Effect<void, PorticoError>
}

export const postInstallTable = Migration.of({
  id: "0001_post_installs",
  up: `CREATE TABLE domain_post_installs (
    origin TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT,
    message TEXT
  ) STRICT`
})

const selectState = "SELECT status, code, message FROM domain_post_installs WHERE origin = ? AND contract_id = ?"

const told = (error: DatabaseError): PorticoError => PorticoError.fromJson({ code: error.code, message: error.message })

export const makePostInstallLog = ({ read, write }: DatabaseService): PostInstallLog => ({
  stateOf: (origin, contractId) =>
    read((conn) => conn.prepare(selectState).get(origin, contractId)).pipe(
      Effect.map((row): PostInstallState => {
        if (row?.status === "done") return { status: "done" }
        if (row?.status !== "failed") return { status: "pending" }
        return { status: "failed", code: String(row.code), message: String(row.message) }
      }),
      Effect.mapError(() => PorticoError.make("UNAVAILABLE", "The record of installs could not be read."))
    ),
  record: (origin, contractId, state) =>
    Effect.mapError(
      write((tx) =>
        Effect.sync(() => {
          const [code, message] = state.status === "failed" ? [state.code, state.message] : [null, null]
          tx.prepare(
            `INSERT INTO domain_post_installs (origin, contract_id, status, code, message) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (origin) DO UPDATE SET contract_id = excluded.contract_id, status = excluded.status,
               code = excluded.code, message = excluded.message`
          ).run(origin, contractId, state.status, code, message)
        })
      ),
      told
    ),
  forget: (origin) =>
    Effect.mapError(
      write((tx) =>
        Effect.sync(() => {
          tx.prepare("DELETE FROM domain_post_installs WHERE origin = ?").run(origin)
        })
      ),
      told
    )
})
