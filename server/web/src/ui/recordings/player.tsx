// One recording, played in a dialog while it still comes in, with what can be said about its truth.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { type Film, type Moment, hasFilm } from "../../clips/moments.ts";
import type { Household } from "../../door/household.ts";
import { Unreachable } from "../../format/unreachable.ts";
import { proofOf, wholeFilm } from "../../door/export.ts";
import type { Statement } from "../../format/statement.ts";
import { soundOf } from "../../play/screen.ts";
import { streamed } from "../../play/streamed.ts";
import { madeAt } from "../../trust/times.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { Icon } from "../parts/icons.tsx";
import { save } from "../parts/save.ts";
import { clock, dayName, duration, fileTime } from "../parts/times.ts";
import { occasion } from "../parts/words.ts";
import { type Screening, screen } from "./screening.ts";

interface Props {
  readonly moment: Moment;
  readonly household: Household;
  readonly close: () => void;
  /** To live, where somebody came from there. */
  readonly back: (() => void) | null;
}

export function Player({ moment, household, close, back }: Props): JSX.Element {
  const { number } = moment.clip;
  const known = household.view.clips.get(number);
  // What is known of it by now: it may have ended meanwhile.
  const clip = known && hasFilm(known) ? known : moment.clip;
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [screening, setScreening] = useState<Screening>({ kind: "opening" });
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    const stopping = new AbortController();
    if (video.current)
      screen(video.current, clip, moment.fromS, household, stopping.signal, { judged: setScreening, isLate: setLate });
    return () => {
      stopping.abort();
    };
    // One dialog plays one clip; the list may learn more about it meanwhile.
  }, [number, household]);

  const { statement } = clip;
  const { words } = occasion(statement);
  const sound = soundOf(statement.codec);
  const { at: made } = madeAt(household.view.verified.facts.times, clip.number, statement.begun_utc);
  const hidden = ["not_genuine", "not_for_us", "withheld", "failed"].includes(screening.kind);
  return (
    <dialog ref={dialog} class="player" aria-labelledby="player-title" onClose={close}>
      <header>
        <h2 id="player-title">
          {words}{" "}
          <span class="quiet">
            {made === null ? "before the door knew the time" : `${dayName(made, new Date())}, ${clock(made)}`}
          </span>
        </h2>
        <button type="button" class="round" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <div class={`screen${hidden ? " dark" : ""}`}>
        {/* Its sound is what somebody said at the door: nobody can have captions of it. */}
        <video
          ref={video}
          hidden={hidden}
          controls
          autoplay
          muted={sound !== "heard"}
          playsInline
          aria-label={made === null ? "Recording" : `Recording of ${clock(made)}`}
        />
        {hidden && <Icon name={screening.kind === "not_for_us" ? "lock" : "warn"} />}
      </div>
      {back !== null && (
        <div class="tools">
          <button type="button" class="action" onClick={back}>
            Back to live
          </button>
        </div>
      )}
      {WHEN[moment.is] && <p>{WHEN[moment.is]}</p>}
      <Judgement screening={screening} />
      <p role="status">{isLate && !hidden && "A part of it cannot be fetched just now. Trying again…"}</p>
      {sound === "unheard" && <p>It has sound, which this browser cannot play. Another browser can.</p>}
      <p class="quiet">{`${lengthOf(statement)}Your household can see that you opened it.`}</p>
      {screening.kind === "verified" && <Keeping clip={clip} household={household} />}
    </dialog>
  );
}

/** Where what is shown is not the moment that was asked for. */
const WHEN: Readonly<Record<Moment["is"], string>> = {
  then: "",
  since: "Nothing was recorded a minute ago. This began since then.",
  before: "Nothing was recorded a minute ago. This is the newest moment that was.",
};

/** Saving one recording as a file, then its proof: a browser may take only one download from one press. */
function Keeping({ clip, household }: { readonly clip: Film; readonly household: Household }): JSX.Element {
  const action = useAction();
  const [handed, setHanded] = useState(false);
  const name = `${fileTime(clip.statement.begun_utc)}.mp4`;
  const saveFilm = async (): Promise<void> => {
    const { response, size } = await household.fetchClip(clip.number, new AbortController().signal, "export");
    const kept = await wholeFilm(streamed(response), household.viewer.identity, household.viewer.expected(clip, size));
    if (kept.film === null) throw new Unreachable("not all of it arrived");
    save(kept.film, name);
    setHanded(true);
  };
  const saveProof = (): void => {
    const { device } = household.view.verified.chain.roster;
    save(new Blob([proofOf(device, clip.signed)], { type: "application/json" }), `${name}.proof`);
  };
  return (
    <div class="keeping">
      <div>
        <ActionButton action={action} act={saveFilm}>
          {action.busy ? "Fetching…" : "Save the film"}
        </ActionButton>{" "}
        <button type="button" class="action plain" onClick={saveProof}>
          Save its proof
        </button>
      </div>
      <p class="quiet">
        Two files: an open film, and a small proof that your door recorded it. Whoever has the film can see it. The
        others see that you fetched it as a file.
      </p>
      <p role="status">{handed && "The film was handed to your browser. Keep its proof beside it."}</p>
      <Fault action={action} />
    </div>
  );
}

function lengthOf(statement: Statement): string {
  if (statement.duration_ms === 0) return "";
  const { kind } = occasion(statement);
  const lead = duration(statement.triggers.find((trigger) => trigger.kind === kind)?.at_ms ?? 0);
  const before = lead && `, from ${lead} before ${kind === "ring" ? "the bell rang" : "something moved"}`;
  return `${duration(statement.duration_ms)}${before}. `;
}

function Judgement({ screening }: { readonly screening: Screening }): JSX.Element {
  const { tone, title, words } = judgement(screening);
  return (
    <div class={`judgement ${tone}`} role="status">
      {tone !== "waiting" && <Icon name={tone === "good" ? "check" : "warn"} />}
      <p>
        <strong>{title}</strong> {words}
      </p>
    </div>
  );
}

function judgement(screening: Screening): { tone: "good" | "bad" | "waiting"; title: string; words: string } {
  switch (screening.kind) {
    case "opening":
      return { tone: "waiting", title: "Opening…", words: "" };
    case "checking":
      return { tone: "waiting", title: "Checking…", words: "Every picture is checked before it is shown." };
    case "recording":
      return {
        tone: "waiting",
        title: "Still being recorded.",
        words: "Every picture is checked before it is shown, and the whole once it has ended.",
      };
    case "verified":
      return { tone: "good", title: "Verified", words: "This is exactly what your door recorded." };
    case "verified_part":
      return { tone: "good", title: "Verified", words: "This is all that was recorded before the power went." };
    case "not_genuine":
      return {
        tone: "bad",
        title: "Not from your door",
        words: "This is not the recording that your door made, so it is not shown. Somebody may have changed it.",
      };
    case "damaged":
      return {
        tone: "bad",
        title: "Changed or damaged",
        words: "What you saw is genuine, but the rest was changed or damaged and is not shown.",
      };
    case "unfinished":
      return {
        tone: "bad",
        title: "Not all of it arrived",
        words: "What you saw is genuine; the connection broke before the end. Please open it again.",
      };
    case "changed":
      return {
        tone: "bad",
        title: "Changed since it was checked",
        words: "What you saw is genuine. What came just now is not what was checked before, so it is not shown.",
      };
    case "not_for_us":
      return {
        tone: "bad",
        title: "Sealed before you joined",
        words: "Only those who belonged to the household at that time can open it.",
      };
    case "withheld":
      return {
        tone: "bad",
        title: "Not sealed to you",
        words:
          "You belonged to the household when this was recorded, and it is not sealed to you: somebody else may be in your place. Please tell the others, and look into the device.",
      };
    case "failed":
      return { tone: "bad", title: "This did not work.", words: screening.sentence };
  }
}
