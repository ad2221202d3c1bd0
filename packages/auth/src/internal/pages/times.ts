/** Times for people, in UTC. `millis` is since the epoch. */
export const time = (millis: number): string => `${new Date(millis).toISOString().slice(0, 16).replace("T", " ")} UTC`

export const day = (millis: number): string => new Date(millis).toISOString().slice(0, 10)
