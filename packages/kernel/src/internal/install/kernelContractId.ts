/**
 * What `KernelSchema.contractId` comes to. To work it out takes a tenth of a start and a fifth of what a start
 * allocates, so it is written down; a test says when it no longer holds.
 */
export const kernelContractId = "sha256:f18ddb178a0340beafd2131fbc6a26beaecf746bcc74890d295bf7e797576926"
