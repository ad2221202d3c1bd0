/** A domain that cannot be put together: every reason at once. */
export class DomainDefinitionError extends Error {
  override readonly name = "DomainDefinitionError"
  readonly origin: string
  readonly problems: ReadonlyArray<string>

  constructor(origin: string, problems: ReadonlyArray<string>) {
    super(`The domain ${origin} cannot be defined:\n${problems.map((problem) => `- ${problem}`).join("\n")}`)
    this.origin = origin
    this.problems = problems
  }
}
