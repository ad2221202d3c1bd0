// LinkBench's mix of operations (Armstrong et al., SIGMOD 2013), without and with permissions, beside the same work in
// hand-written SQL on a copy of the file. One at a time, each write a commit of its own, NORMAL sync on both sides.
// Run: node packages/kernel/bench/linkbench.bench.ts [nodes] [operations]   (default 100,000 and 4,000 a round)

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { report } from "../../gate/bench/report.ts"
import { Authority, type CallRequest, Kernel, type KernelService } from "../src/index.ts"
import { openBaseline } from "./support/baseline.ts"
import { fill, firstKey, idOf, manyEdges, zipf } from "./support/graph.ts"
import { D, inFolder, kernelIn, setUp } from "./support/store.ts"
import { spent, summary, told } from "./support/timing.ts"

const size = Number(process.argv[2] ?? 100_000)
const count = Number(process.argv[3] ?? 4_000)
const rounds = 5

/** Parts of a thousand. */
const mix = {
  getLinks: 507,
  get: 129,
  link: 90,
  updateLink: 80,
  update: 74,
  countLinks: 49,
  unlink: 30,
  create: 26,
  delete: 10,
  getLink: 5
} as const
type Name = keyof typeof mix

interface Step {
  readonly name: Name
  /** The node, and the other end of the edge. */
  readonly node: number
  readonly other: number
}

const names = Object.keys(mix).filter((name): name is Name => name in mix)
const lot: ReadonlyArray<Name> = names.flatMap((name) => Array.from({ length: mix[name] }, () => name))
/** The first edge of a node that it was filled with, as in `graph.ts`. */
const firstOther = (node: number): number => (node * 13 + 1) % size

/** The same steps each time. Nodes are deleted from the end, where they have no children. */
const steps = (round: number): ReadonlyArray<Step> => {
  const picks = zipf(count * (round + 1), size).slice(count * round)
  let deleted = Math.ceil((round * count * mix.delete) / 500)
  return picks.map((node, n) => {
    const name = lot[(n * 7_919 + round * 31) % lot.length] ?? "get"
    const other = (node * 31 + n * 7 + round * 104_729 + 11) % size
    return { name, node: name === "delete" ? size - ++deleted : node, other }
  })
}

const props = { [K.Named.name.key]: "node one" }

/** What the picks may ask for twice, such as an edge that is there already, or of a node that is gone. */
const expected: ReadonlyArray<string> = ["PATH_CONFLICT", "NOT_FOUND"]

const byKernel = (kernel: KernelService, as: Authority) => {
  const edgeClass = D.likes.ref
  const at = (i: number) => `@${idOf(i)}`
  const request: Readonly<Record<Name, (step: Step) => CallRequest>> = {
    getLinks: ({ node }) => ({ path: `${at(node)}::getLinks`, params: { edgeClass, limit: manyEdges } }),
    get: ({ node }) => ({ path: `${at(node)}::get` }),
    link: ({ node, other }) => ({ path: `${at(node)}::link`, params: { edgeClass, target: at(other) } }),
    updateLink: ({ node, other }) => ({
      path: `${at(node)}::updateLink`,
      params: { edgeClass, target: at(firstOther(node)), props: { weight: other } }
    }),
    update: ({ node, other }) => ({ path: `${at(node)}::update`, params: { props: { text: `text ${other}` } } }),
    countLinks: ({ node }) => ({ path: `${at(node)}::countLinks`, params: { edgeClass } }),
    unlink: ({ node }) => ({ path: `${at(node)}::unlink`, params: { edgeClass, target: at(firstOther(node)) } }),
    create: ({ node }) => ({ path: K.Node.createNode.path, params: { class: D.Thing.ref, parent: at(node), props } }),
    delete: ({ node }) => ({ path: `${at(node)}::delete`, params: { recursive: true } }),
    getLink: ({ node }) => ({ path: `${at(node)}::getLink`, params: { edgeClass, target: at(firstOther(node)) } })
  }
  return (all: ReadonlyArray<Step>) =>
    Effect.forEach(
      all,
      (step) =>
        Effect.catch(kernel.call(as, request[step.name](step)), (error) =>
          expected.includes(error.code) ? Effect.void : Effect.fail(error)
        ),
      { discard: true }
    )
}

/** The same rows by hand: each change takes a commit number, and writes history and words. */
const byHand = (file: string) => {
  const baseline = openBaseline(file, "NORMAL", "n0", "class.Thing")
  const { db } = baseline
  const likes = Number(db.prepare("SELECT key FROM nodes WHERE slug = 'class.likes'").get()?.key)
  const links = db.prepare("SELECT * FROM edges WHERE source = ? AND class = ? ORDER BY target, slug LIMIT 10")
  const byId = db.prepare("SELECT * FROM nodes WHERE id = ?")
  const edge = db.prepare("SELECT * FROM edges WHERE source = ? AND class = ? AND target = ? AND slug = ''")
  const counted = db.prepare("SELECT count(*) AS n FROM edges WHERE source = ? AND class = ?")
  const seq = db.prepare("UPDATE kernel_meta SET value = value + 1 WHERE name = 'seq' RETURNING value")
  const link = db.prepare(
    "INSERT OR IGNORE INTO edges (class, source, target, slug, rev, props) VALUES (?, ?, ?, '', ?, '{}')"
  )
  const updateLink = db.prepare(
    "UPDATE edges SET props = ?, rev = ? WHERE source = ? AND class = ? AND target = ? AND slug = ''"
  )
  const unlink = db.prepare("DELETE FROM edges WHERE source = ? AND class = ? AND target = ? AND slug = ''")
  const update = db.prepare("UPDATE nodes SET props = ?, rev = ?, updated_at = ? WHERE key = ?")
  const remove = db.prepare("UPDATE nodes SET parent = -1, slug = id, rev = ? WHERE key = ?")
  const trash = db.prepare(
    "INSERT INTO trash (node, id, parent, slug, path, class, seq, deleted_at) VALUES (?, ?, 1, 's', '/p', 'c', ?, ?)"
  )
  const history = db.prepare(
    `INSERT INTO node_changes (seq, at, op, node, target, class, actor, half, node_id, node_class, path, above, before)
     VALUES (?, ?, ?, ?, ?, ?, 'ada', 'caller', ?, ?, '/tree/n0/n1/n12', '1/2/3/4/', ?)`
  )
  const forget = db.prepare("DELETE FROM node_text WHERE rowid = ?")
  const words = db.prepare(
    "INSERT INTO node_text (rowid, title, body, below_title, below_body) VALUES (?, 'node', 'text one', '4xnode', '4xtext 4xone')"
  )
  const change = (
    op: string,
    node: number,
    target: number | null,
    run: (seq: number) => void,
    before: string | null = null
  ) => {
    db.exec("BEGIN IMMEDIATE")
    const number = Number(seq.get()?.value)
    run(number)
    history.run(
      number,
      Date.now(),
      op,
      node,
      target,
      target === null ? null : likes,
      idOf(node - firstKey),
      likes,
      before
    )
    db.exec("COMMIT")
  }
  const run: Readonly<Record<Name, (node: number, other: number, first: number) => unknown>> = {
    getLinks: (node) => links.all(node, likes),
    get: (node) => byId.get(idOf(node - firstKey)),
    link: (node, other) => change("link", node, other, (at) => link.run(likes, node, other, at)),
    updateLink: (node, other, first) =>
      change("updateLink", node, first, (at) => updateLink.run(`{"w":${other}}`, at, node, likes, first), "{}"),
    update: (node, other) =>
      change(
        "update",
        node,
        null,
        (at) => {
          update.run(`{"name":"node one","text":"text ${other}"}`, at, Date.now(), node)
          forget.run(node)
          words.run(node)
        },
        `{"name":"node one"}`
      ),
    countLinks: (node) => counted.get(node, likes),
    unlink: (node, _, first) => change("unlink", node, first, () => unlink.run(node, likes, first), "{}"),
    create: () => {
      db.exec("BEGIN IMMEDIATE")
      baseline.create(JSON.stringify(props), "text one", { seq: true })
      db.exec("COMMIT")
    },
    delete: (node) =>
      change("delete", node, null, (at) => {
        remove.run(at, node)
        trash.run(node, idOf(node - firstKey), at, Date.now())
        forget.run(node)
      }),
    getLink: (node, _, first) => edge.get(node, likes, first)
  }
  return (all: ReadonlyArray<Step>): void => {
    for (const { name, node, other } of all) run[name](firstKey + node, firstKey + other, firstKey + firstOther(node))
  }
}

const measure = (folder: string) =>
  Effect.gen(function* () {
    const { ada } = yield* setUp
    yield* fill(size, { words: true })
    const kernel = yield* Kernel
    const copy = join(folder, "copy.db")
    const source = new DatabaseSync(join(folder, "data.db"), { readOnly: true })
    source.exec(`VACUUM INTO '${copy}'`)
    source.close()
    const raw = byHand(copy)
    const reached = { off: byKernel(kernel, Authority.system), on: byKernel(kernel, ada) }
    const times: Record<keyof typeof reached, Array<readonly [number, number]>> = { off: [], on: [] }
    for (let round = 0; round <= 2 * rounds; round++) {
      const [all, permissions] = [steps(round), round % 2 === 0 ? "off" : "on"] as const
      const begin = spent()
      yield* reached[permissions](all)
      const between = spent()
      raw(all)
      if (round > 0) times[permissions].push([(between - begin) / count, (spent() - between) / count])
    }
    report(
      (["off", "on"] as const).map((permissions) => {
        const { ours, ratio, raw } = summary(times[permissions])
        return told(
          `LinkBench's mix, ${size} nodes, permissions ${permissions}, to hand-written SQL`,
          `${ratio.toFixed(2)} x (${ours.toFixed(1)} to ${raw.toFixed(1)} us of processor time an operation, ${((1e6 / ours) | 0).toLocaleString("en")} /s)`
        )
      })
    )
  }).pipe(Effect.provide(kernelIn(folder)))

await inFolder(measure)
