// What the page is shown of its household: plain data.

import type { Files, Member, Verified } from "../keys/store.ts";
import type { Pages } from "./album.ts";

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "unreachable" }
  /** What answers is not signed by the door. */
  | { readonly kind: "interfered" }
  /** Something says, unsigned, that this reader is unknown. */
  | { readonly kind: "stranger" };

/** What this browser remembers of its household. */
export interface Memory {
  readonly member: Member;
  readonly verified: Verified;
  readonly epochs: Files;
  readonly grants: Files;
  readonly seen: number;
}

export interface View extends Pages {
  readonly link: Link;
  /** The record was changed, or another door answers: nothing more is asked or shown. */
  readonly alarm: string | null;
  readonly member: Member;
  readonly verified: Verified;
  /** Line up to which a person has seen what changed in the household. */
  readonly seen: number;
}
