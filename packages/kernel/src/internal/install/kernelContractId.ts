/**
 * What `KernelSchema.contractId` comes to. To work it out takes a tenth of a start and a fifth of what a start
 * allocates, so it is written down; a test says when it no longer holds.
 */
export const kernelContractId = "sha256:3897e32be901d11650e0dfbdc61954dcad8db51ec3a6c8ae339c3cadf5e99820"
