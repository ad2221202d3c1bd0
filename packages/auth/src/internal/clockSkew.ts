/** Seconds by which clocks may differ. */
export const skew = 60
