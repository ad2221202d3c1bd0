/** The data that a fresh install starts with: pioneers, and what they worked on. */
export const contacts = [
  { email: "grace@example.com", name: "Grace Hopper", company: "Eckert-Mauchly" },
  { email: "katherine@example.com", name: "Katherine Johnson", company: "NASA" },
  { email: "margaret@example.com", name: "Margaret Hamilton", company: "MIT" }
] as const

export const projects = [
  { slug: "apollo", title: "Apollo Guidance Computer" },
  { slug: "flow-matic", title: "FLOW-MATIC" }
] as const

export const assignments = [
  { email: "grace@example.com", project: "flow-matic", role: "author" },
  { email: "katherine@example.com", project: "apollo", role: "trajectories" },
  { email: "margaret@example.com", project: "apollo", role: "lead" }
] as const
