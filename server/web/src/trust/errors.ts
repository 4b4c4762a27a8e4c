/** A signature or claim does not hold. Nothing that it says counts. */
export class TrustError extends Error {
  override readonly name: string = "TrustError";
}

/** The door's record was changed, shortened or replaced. Everything stops: a person has to look. */
export class RecordBroken extends TrustError {
  override readonly name = "RecordBroken";
  readonly seq: number;

  constructor(seq: number, reason: string, options?: ErrorOptions) {
    super(`entry ${seq} of the door’s record ${reason}`, options);
    this.seq = seq;
  }
}
