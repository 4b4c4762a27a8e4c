// This reader as one who looks: what it opens with, and what it can and ought to see of the record.

import type { Identity } from "age-encryption";

import { type Clip, type Eyes, isSealed } from "../clips/clips.ts";
import type { Expected } from "../play/genuine.ts";
import type { Onlooker } from "../play/inspect.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { keysAt, readerOf } from "../trust/roster.ts";
import type { Given } from "./given.ts";
import type { Giver } from "./grants.ts";
import { type Sight, sightOf } from "./sight.ts";
import type { View } from "./view.ts";

export class Viewer {
  readonly identity: Identity;
  readonly epochs: Epochs;
  readonly #given: Given;
  readonly #view: () => View;

  constructor(identity: Identity, epochs: Epochs, given: Given, view: () => View) {
    this.identity = identity;
    this.epochs = epochs;
    this.#given = given;
    this.#view = view;
  }

  /** What this reader can and ought to see of the record. */
  get sight(): Sight {
    const { member, verified } = this.#view();
    return sightOf(verified, readerOf(verified.chain.roster, member.keys.sign), this.epochs);
  }

  /** Whose eyes the list of recordings is read with. */
  get eyes(): Eyes {
    const { clips } = this.#view().verified.facts;
    return {
      ...this.sight,
      isGiven: (clip) => this.#given.of(clip).length > 0,
      isFinished: (clip) => isSealed(clips.get(clip)),
    };
  }

  /** What this reader opens with, for giving it on. */
  get giver(): Giver {
    return { identity: this.identity, epochs: this.epochs, given: (clip) => this.#given.of(clip) };
  }

  /** Whose eyes a clip's film is read with. */
  onlooker(clip: number): Onlooker {
    const { roster } = this.#view().verified.chain;
    return {
      identity: this.identity,
      given: this.#given.of(clip),
      keys: (seq) => keysAt(roster, seq),
      belongsAt: this.sight.belongsAt,
    };
  }

  /** What has to hold for a clip's film, of which the door said that it has so many bytes. */
  expected(clip: Extract<Clip, { statement: unknown }>, size: number): Expected {
    const { facts } = this.#view().verified;
    return {
      size,
      statement: clip.statement,
      facts: facts.clips.get(clip.number),
      ...this.onlooker(clip.number),
    };
  }
}
