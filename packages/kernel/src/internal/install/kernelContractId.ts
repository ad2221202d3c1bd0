/**
 * What `KernelSchema.contractId` comes to. To work it out takes a tenth of a start and a fifth of what a start
 * allocates, so it is written down; a test says when it no longer holds.
 */
export const kernelContractId = "sha256:79686dfa8921e3d3c15c34beeb85a162219ea21af2f66c540ff9eb4baf2b2e83"
