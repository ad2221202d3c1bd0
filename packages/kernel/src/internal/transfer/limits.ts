/** Longest line of JSON, or record of CSV, in bytes. */
export const maxLineBytes = 1_048_576

/** Bytes of rows that are imported in one transaction. */
export const transactionBytes = 16_777_216

/** How many times as many rows a transaction has where a file is to be imported whole or not at all, or tried. */
export const wholeFactor = 10

/** Refused rows that are told; the others are counted. */
export const maxErrors = 100

/** Exports that may run at once: each keeps the store from clearing away what it still reads. */
export const maxExports = 4

/** Longest time that an export may take, and longest that its reader may let it wait, in milliseconds. */
export const exportTime = { all: 900_000, idle: 30_000 } as const
