import { Client } from "pg"
import { expect, it } from "vitest"
import { askDatabase, describeWithPostgres, freshDatabase } from "../src/postgres.ts"

describeWithPostgres("a fresh database", () => {
  it("is empty, and sees nothing of another", async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
    try {
      await askDatabase(one.url, "CREATE TABLE note (body text)")
      const tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
      expect(await askDatabase(one.url, tables)).toEqual([{ tablename: "note" }])
      expect(await askDatabase(two.url, tables)).toEqual([])
    } finally {
      await Promise.all([one.drop(), two.drop()])
    }
  })

  it("is gone when it was dropped, even if somebody is still connected", async () => {
    const { drop, url } = await freshDatabase()
    const client = new Client({ connectionString: url })
    client.on("error", () => {})
    await client.connect()
    await drop()
    await expect(askDatabase(url, "SELECT 1")).rejects.toThrow("does not exist")
  })
})
