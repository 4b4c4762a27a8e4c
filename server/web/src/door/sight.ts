// What a reader can and ought to see of a door's record: its place on the roster decides, never what a file says of itself.
//
// Pure.

import type { Verified } from "../keys/store.ts";
import type { Epochs } from "../sealing/epochs.ts";
import type { Facts } from "../trust/facts.ts";
import type { Reader } from "../trust/roster.ts";
import type { Listener } from "../clips/spoken.ts";

export interface Sight extends Listener {
  readonly facts: Facts;
  /** Line in which this reader joined. */
  readonly joined: number;
  /** Whether it belonged to the household after that line. */
  readonly belongsAt: (seq: number) => boolean;
  /** Whether it can read every line from that epoch on. */
  readonly seesFrom: (epoch: number) => boolean;
}

/** `me` is this reader as the roster has it; a stranger belongs to nothing. */
export function sightOf(
  { chain, facts }: Verified,
  me: Pick<Reader, "seq" | "epoch"> | undefined,
  epochs: Epochs,
): Sight {
  const firstEpoch = me?.epoch ?? Infinity;
  const lastEpoch = chain.epochs.length;
  return {
    facts,
    epochs,
    roster: chain.roster,
    firstEpoch,
    lastEpoch,
    joined: me?.seq ?? 0,
    belongsAt: (seq) => me !== undefined && me.seq <= seq,
    seesFrom: (epoch) => {
      for (let at = epoch; at < Math.min(firstEpoch, lastEpoch + 1); at += 1) if (!epochs.isGiven(at)) return false;
      return true;
    },
  };
}
