/**
 * A directed graph of numbered nodes: `edges[n]` are the nodes that must come before `n`.
 * Nothing here knows of modules, so that it can be tested against a naive oracle.
 */
export type Edges = ReadonlyArray<ReadonlyArray<number>>

/**
 * The wave of each node: 0 if nothing must come before it, else one more than the highest wave that must. `undefined`
 * for nodes on a cycle or behind one.
 */
export const waves = (edges: Edges): ReadonlyArray<number | undefined> => {
  const found: Array<number | undefined> = edges.map(() => undefined)
  const waiting = edges.map((before) => new Set(before).size)
  const after = reverse(edges)
  let current = indices(edges).filter((node) => waiting[node] === 0)
  for (let wave = 0; current.length > 0; wave++) {
    const next: Array<number> = []
    for (const node of current) {
      found[node] = wave
      for (const later of after[node] ?? []) {
        const left = (waiting[later] ?? 0) - 1
        waiting[later] = left
        if (left === 0) next.push(later)
      }
    }
    current = next
  }
  return found
}

/** The nodes that come after each node, in ascending order and without repetition. */
export const reverse = (edges: Edges): Edges => {
  const after: Array<Array<number>> = edges.map(() => [])
  edges.forEach((before, node) => {
    for (const earlier of new Set(before)) after[earlier]?.push(node)
  })
  return after
}

/**
 * What each node reaches by one edge or more, in ascending order. `order` lists nodes after all that they have an edge
 * to; a node on a cycle has no place in it and reaches nothing here.
 */
export const closure = (edges: Edges, order: ReadonlyArray<number>): Edges => {
  const width = Math.ceil(edges.length / 32)
  // A row of bits for each node.
  const bits = new Uint32Array(width * edges.length)
  const reached: Array<Array<number>> = edges.map(() => [])
  for (const node of order) {
    const row = bits.subarray(node * width, (node + 1) * width)
    for (const next of edges[node] ?? []) {
      row[next >>> 5] = (row[next >>> 5] ?? 0) | (1 << (next & 31))
      for (let word = 0; word < width; word++) row[word] = (row[word] ?? 0) | (bits[next * width + word] ?? 0)
    }
    reached[node] = members(row)
  }
  return reached
}

const members = (row: Uint32Array): Array<number> => {
  const found: Array<number> = []
  row.forEach((word, i) => {
    for (let left = word; left !== 0; left &= left - 1) found.push(i * 32 + 31 - Math.clz32(left & -left))
  })
  return found
}

/**
 * Cycles that together hold every node that is on any cycle. Each is a shortest one through its first node and follows
 * `edges`: node, what it waits for, what that waits for, … The first node is not repeated at the end.
 */
export const cycles = (edges: Edges): ReadonlyArray<ReadonlyArray<number>> => {
  const wave = waves(edges)
  const found: Array<ReadonlyArray<number>> = []
  const covered = new Set<number>()
  for (const start of indices(edges)) {
    if (wave[start] !== undefined || covered.has(start)) continue
    const cycle = shortestCycle(edges, start)
    if (cycle === undefined) continue
    found.push(cycle)
    for (const node of cycle) covered.add(node)
  }
  return found
}

/** Breadth first from `start` until an edge leads back to it. */
const shortestCycle = (edges: Edges, start: number): ReadonlyArray<number> | undefined => {
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (const node of queue) {
    for (const next of edges[node] ?? []) {
      if (next === start) return trace(cameFrom, start, node)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, node)
      queue.push(next)
    }
  }
  return undefined
}

const trace = (cameFrom: ReadonlyMap<number, number>, start: number, end: number): ReadonlyArray<number> => {
  const path: Array<number> = []
  for (let node: number | undefined = end; node !== undefined && node !== start; node = cameFrom.get(node)) {
    path.unshift(node)
  }
  return [start, ...path]
}

const indices = (edges: Edges): ReadonlyArray<number> => edges.map((_, node) => node)
