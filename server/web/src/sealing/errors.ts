/** Sealed bytes are not what was sealed: changed, cut, or never ours. */
export class SealBroken extends Error {
  override readonly name: string = "SealBroken";
}

/** Whole and well-formed as far as can be seen, but sealed to others. */
export class NotForUs extends SealBroken {
  override readonly name = "NotForUs";
}
