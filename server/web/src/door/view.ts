// What the page is shown of its household: plain data.

import type { Files, Member, Verified } from "../keys/store.ts";
import type { Pages } from "./clipstore.ts";
import type { Conditions } from "./conditions.ts";
import type { Farewell } from "../trust/farewell.ts";
import type { Ring } from "./ring.ts";

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
  readonly farewell: Farewell | null;
}

export interface View extends Pages {
  readonly link: Link;
  /** What keeps the door from seeing or recording, by its last word; null until it has said so. */
  readonly conditions: Conditions | null;
  /** Who rings at this moment; null once nobody does any more, or somebody has seen to it. */
  readonly ringing: Ring | null;
  /** Whether the door has a loudspeaker, by its last word. */
  readonly speaks: boolean;
  /** Whether the door has a microphone. */
  readonly listens: boolean;
  /** The record was changed, or another door answers: nothing more is asked or shown. */
  readonly alarm: string | null;
  /** The door has said that this reader was removed: nothing more is asked or shown. */
  readonly farewell: Farewell | null;
  readonly member: Member;
  readonly verified: Verified;
  /** Line up to which a person has seen what changed in the household. */
  readonly seen: number;
}
