// What the parts of a household share: the session of now, what the page is shown, and where a fault is taken.

import type { Session } from "./session.ts";
import type { View } from "./view.ts";

export interface House {
  /** Null while there is no connection. */
  readonly session: () => Session | null;
  readonly view: () => View;
  readonly publish: (news: Partial<View>) => void;
  readonly failed: (error: unknown) => void;
  /** Fires when waiting has no use any more: the page came back, or is going. */
  readonly woken: () => AbortSignal;
}
