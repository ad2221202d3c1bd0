import { describe } from "vitest"

/** A block of tests named after what it needs of the machine, and skipped where the machine lacks it. */
export const describeWhere =
  (need: string, isHere: boolean) =>
  (name: string, tests: () => void): void => {
    describe.skipIf(!isHere)(`${name} (needs ${need})`, tests)
  }
