/** Rows that one page looks at, at most. A page that ends there is shorter than its limit and has a `next`. */
export const scanBudget = 50_000

/** A page of what a scan shows. */
export interface Scanned<A> {
  readonly items: ReadonlyArray<A>
  /** Key of the last row that was looked at, if there may be more behind it. */
  readonly next: number | undefined
}

/**
 * Goes through rows in the order of their keys and keeps what is shown, until a page is full. What is passed over does
 * not count, so the length of a page tells nothing of it.
 */
export const scan = <Row, A>(
  after: number,
  limit: number,
  read: (after: number, limit: number) => ReadonlyArray<Row>,
  keyOf: (row: Row) => number,
  show: (row: Row) => A | undefined
): Scanned<A> => {
  const items: Array<A> = []
  let last = after
  let budget = scanBudget
  for (;;) {
    const rows = read(last, limit + 1)
    for (const row of rows) {
      const item = show(row)
      if (item !== undefined && items.length === limit) return { items, next: last }
      if (item !== undefined) items.push(item)
      last = keyOf(row)
      if (--budget === 0) return { items, next: last }
    }
    if (rows.length <= limit) return { items, next: undefined }
  }
}
