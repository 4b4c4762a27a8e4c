// A word with whoever stands there: hold to talk, and sentences that were spoken before. Where the door has no loudspeaker there is
// nothing of it.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import { equal } from "../../format/bytes.ts";
import { canHear } from "../../speech/microphone.ts";
import { type Sentence, sentences } from "../../speech/sentences.ts";
import { inWords } from "../parts/action.tsx";
import { nameOf } from "../parts/words.ts";
import { type Speech, Speaking } from "./speaking.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
  /** While somebody speaks here, nothing is to be heard here. */
  readonly mute: (on: boolean) => void;
}

export function Talk({ household, view, mute }: Props): JSX.Element | null {
  const speaking = useRef<Speaking | null>(null);
  const [speech, setSpeech] = useState<Speech>({ kind: "off" });
  const [fault, setFault] = useState<string | null>(null);
  const [kept, setKept] = useState<readonly Sentence[]>([]);
  useEffect(() => {
    void sentences().then(setKept);
    const spoken = new Speaking(household, {
      changed: (now) => {
        setSpeech(now);
        mute(now.kind === "heard");
        if (now.kind === "asking" || now.kind === "opening") setFault(null);
      },
      failed: (error) => {
        setFault(inWords(error));
      },
    });
    speaking.current = spoken;
    // Whoever turns away from the page is not to be heard.
    const leave = (): void => {
      spoken.release();
    };
    addEventListener("blur", leave);
    document.addEventListener("visibilitychange", leave);
    return () => {
      removeEventListener("blur", leave);
      document.removeEventListener("visibilitychange", leave);
      spoken.close();
      speaking.current = null;
    };
  }, [household]);
  if (!view.speaks) return null;
  if (!canHear()) return <p class="quiet">This browser cannot let you speak at the door.</p>;
  if (isOutOfOrder(view))
    return <p class="quiet">The door’s loudspeaker does not work, so nobody can be heard there.</p>;
  const other = otherSpeaker(view);
  const isBusy = other !== null || (speech.kind === "heard" && speech.sentence !== null);
  const press = (): void => {
    speaking.current?.press();
  };
  const release = (): void => {
    speaking.current?.release();
  };
  return (
    <section class="talk" aria-label="Talk">
      <button
        type="button"
        class={speech.kind === "heard" ? "action main talking" : "action main"}
        disabled={isBusy}
        aria-pressed={speech.kind === "heard"}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          // A finger that slides off still holds.
          event.currentTarget.setPointerCapture(event.pointerId);
          press();
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onLostPointerCapture={release}
        onContextMenu={(event) => {
          event.preventDefault();
        }}
        onKeyDown={(event) => {
          if (event.key !== " " && event.key !== "Enter") return;
          event.preventDefault();
          if (!event.repeat) press();
        }}
        onKeyUp={(event) => {
          if (event.key === " " || event.key === "Enter") release();
        }}
        onBlur={release}
      >
        Hold to talk
      </button>
      {kept.map((sentence) => (
        <button
          key={sentence.name}
          type="button"
          class="action plain"
          disabled={other !== null || speech.kind === "asking" || speech.kind === "heard"}
          onClick={() => {
            speaking.current?.play(sentence);
          }}
        >
          {`Say “${sentence.name}”`}
        </button>
      ))}
      <p class="quiet" role="status">
        {other === null ? SAID[speech.kind](speech) : `${other} at the door.`}
      </p>
      <p class="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

const SAID: Readonly<Record<Speech["kind"], (speech: Speech) => string>> = {
  off: () => "You are heard at the door for as long as you hold it, and at no other time.",
  opening: () => "Your browser asks whether this page may hear you…",
  ready: () => "Hold it and speak: you are heard at the door for as long, and at no other time.",
  asking: () => "One moment…",
  heard: (speech) =>
    speech.kind === "heard" && speech.sentence !== null
      ? `“${speech.sentence}” is played at the door.`
      : "Speak now: you are heard at the door.",
};

/** Who else speaks now, by the record; null if nobody does. */
function otherSpeaker({ verified, member }: View): string | null {
  const { speaking } = verified.facts;
  if (speaking === null || equal(speaking, member.keys.sign)) return null;
  return `${nameOf(verified.chain.roster, speaking, member.keys.sign)} speaks`;
}

const isOutOfOrder = ({ conditions }: View): boolean =>
  conditions !== null && conditions !== "untold" && conditions.some(({ kind }) => kind === "loudspeaker");
