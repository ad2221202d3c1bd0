/** Rows that one page looks at, at most. A page that ends there is shorter than its limit and has a `next`. */
export const scanBudget = 50_000

/** Rows that are read at once, at most, where many are passed over. */
const chunk = 500

/** A page of what a scan shows. */
export interface Scanned<A, At> {
  readonly items: ReadonlyArray<A>
  /** Where the last row is that was looked at, if there may be more behind it. */
  readonly next: At | undefined
}

/**
 * Goes through rows in their order and keeps what is shown, until a page is full. What is passed over does
 * not count, so the length of a page tells nothing of it.
 */
export const scan = <Row, A, At>(
  after: At,
  limit: number,
  read: (after: At, limit: number) => ReadonlyArray<Row>,
  placeOf: (row: Row) => At,
  show: (row: Row) => A | undefined
): Scanned<A, At> => {
  const items: Array<A> = []
  let last = after
  let budget = scanBudget
  for (let want = limit + 1; ; want = Math.max(want, Math.min(want * 2, chunk))) {
    const rows = read(last, want)
    for (const row of rows) {
      const item = show(row)
      if (item !== undefined && items.length === limit) return { items, next: last }
      if (item !== undefined) items.push(item)
      last = placeOf(row)
      if (--budget === 0) return { items, next: last }
    }
    if (rows.length < want) return { items, next: undefined }
  }
}
