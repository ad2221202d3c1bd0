/**
 * What `KernelSchema.contractId` comes to. To work it out takes a tenth of a start and a fifth of what a start
 * allocates, so it is written down; a test says when it no longer holds.
 */
export const kernelContractId = "sha256:d81cf45b43bc766dabc8a20a37e25141f00f2c95bf0af75325bcc92d333c9c37"
