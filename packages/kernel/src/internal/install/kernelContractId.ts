/**
 * What `KernelSchema.contractId` comes to. To work it out takes a tenth of a start and a fifth of what a start
 * allocates, so it is written down; a test says when it no longer holds.
 */
export const kernelContractId = "sha256:4d45526d77fd29f8992cb2fa8065746c15c313edc709d1eefa69075c5b358590"
