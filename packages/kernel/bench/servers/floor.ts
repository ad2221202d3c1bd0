// The hand-written floor: `node:http` and `node:sqlite`, a token that is looked up, a recursive query over ten folders, and
// three rows for each node that is made, committed one by one with FULL sync. Prints its URL.
import { createHash, randomUUID } from "node:crypto"
import { createServer, type ServerResponse } from "node:http"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const db = new DatabaseSync(join(process.argv[2] ?? ".", "floor.db"))
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE node (id INTEGER PRIMARY KEY, uuid TEXT UNIQUE, parent INTEGER, slug TEXT, body TEXT, UNIQUE (parent, slug)) STRICT;
  CREATE TABLE user_token (hash TEXT PRIMARY KEY, user INTEGER) STRICT;
  CREATE TABLE member (user INTEGER, team INTEGER, PRIMARY KEY (user, team)) STRICT, WITHOUT ROWID;
  CREATE TABLE permission (node INTEGER, holder INTEGER, mask INTEGER, PRIMARY KEY (node, holder)) STRICT, WITHOUT ROWID;
  CREATE TABLE history (number INTEGER PRIMARY KEY, node INTEGER, at INTEGER, actor INTEGER) STRICT;
  CREATE TABLE word (node INTEGER PRIMARY KEY, text TEXT) STRICT`)

const insertNode = db.prepare("INSERT INTO node (uuid, parent, slug, body) VALUES (?, ?, ?, ?)")
const hash = (text: string): string => createHash("sha256").update(text).digest("hex")
const [user, team] = [1, 2]
let parent = 0
const path: Array<string> = []
for (let i = 0; i < 10; i++) {
  parent = Number(insertNode.run(randomUUID(), parent, `folder${i}`, "{}").lastInsertRowid)
  path.push(`folder${i}`)
  if (i === 0) db.prepare("INSERT INTO permission VALUES (?, ?, 7)").run(parent, team)
}
db.exec("BEGIN")
for (let i = 0; i < 1_000; i++) insertNode.run(randomUUID(), parent, `n${i}`, JSON.stringify({ name: `Node ${i}` }))
db.exec("COMMIT")
db.prepare("INSERT INTO user_token VALUES (?, ?)").run(hash(token), user)
db.prepare("INSERT INTO member VALUES (?, ?)").run(user, team)

const byToken = db.prepare("SELECT user FROM user_token WHERE hash = ?")
const child = db.prepare("SELECT * FROM node WHERE parent = ? AND slug = ?")
const masks = db.prepare(
  `WITH RECURSIVE up (id, parent) AS (
     SELECT id, parent FROM node WHERE id = ?1 UNION ALL SELECT node.id, node.parent FROM up JOIN node ON node.id = up.parent)
   SELECT mask FROM up JOIN permission ON permission.node = up.id
   WHERE holder = ?2 OR holder IN (SELECT team FROM member WHERE user = ?2)`
)
const [begin, commit] = [db.prepare("BEGIN IMMEDIATE"), db.prepare("COMMIT")]
const insertHistory = db.prepare("INSERT INTO history (node, at, actor) VALUES (?, ?, ?)")
const insertWord = db.prepare("INSERT INTO word VALUES (?, ?)")

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
  response.end(text)
}

const find = (address: string) => {
  let node: ReturnType<typeof child.get>
  for (const slug of address.split("/").slice(1)) {
    node = child.get(node === undefined ? 0 : Number(node.id), slug)
    if (node === undefined) return undefined
  }
  return node
}

const create = (target: number, actor: number, body: unknown) => {
  const uuid = randomUUID()
  begin.get()
  const { lastInsertRowid } = insertNode.run(uuid, target, uuid, JSON.stringify(body))
  insertHistory.run(Number(lastInsertRowid), Date.now(), actor)
  insertWord.run(Number(lastInsertRowid), "x")
  commit.get()
  return { id: uuid }
}

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk) => chunks.push(chunk))
  request.on("end", () => {
    const found = byToken.get(hash((request.headers.authorization ?? "").slice("Bearer ".length)))
    if (found === undefined) return answer(response, 401, { error: "UNAUTHENTICATED" })
    const { params, path: address } = JSON.parse(Buffer.concat(chunks).toString())
    const isGet = address.endsWith("::get")
    const node = find(isGet ? address.slice(0, -"::get".length) : params.parent)
    if (node === undefined) return answer(response, 404, { error: "NOT_FOUND" })
    const mask = masks.all(Number(node.id), Number(found.user)).reduce((sum, row) => sum | Number(row.mask), 0)
    if ((mask & (isGet ? 1 : 2)) === 0) return answer(response, 403, { error: "PERMISSION_DENIED" })
    if (!isGet) return answer(response, 200, create(Number(node.id), Number(found.user), params.props))
    return answer(response, 200, { ...node, body: JSON.parse(String(node.body)) })
  })
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`)
})
