// "Check everything": progress while it runs, and what it found, in the words of `doorward verify`.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import { type Finding, type Step, checkEverything } from "../../door/checkup.ts";
import type { Household } from "../../door/household.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { plural } from "../parts/times.ts";

interface Progress extends Omit<Step, "finding"> {
  readonly findings: readonly Finding[];
  readonly state: "running" | "stopped" | "failed" | "finished";
}

const BEGUN: Progress = { reads: "record", done: 0, of: 1, findings: [], state: "running" };
/** Fewer drawings than lines: a record has a hundred thousand. */
const DRAW_MS = 100;

export function Checkup({ household }: { readonly household: Household }): JSX.Element {
  const action = useAction();
  const stopping = useRef(new AbortController());
  const [progress, setProgress] = useState<Progress | null>(null);
  const act = async (): Promise<void> => {
    const { signal } = (stopping.current = new AbortController());
    let now = BEGUN;
    let drawn = 0;
    setProgress(now);
    try {
      await checkEverything(household, signal, ({ finding, ...step }) => {
        now = { ...now, ...step, findings: finding === null ? now.findings : [...now.findings, finding] };
        if (performance.now() - drawn < DRAW_MS) return;
        drawn = performance.now();
        setProgress(now);
      });
      setProgress({ ...now, state: signal.aborted ? "stopped" : "finished" });
    } catch (error) {
      setProgress({ ...now, state: "failed" });
      throw error;
    }
  };
  return (
    <section aria-labelledby="checkup">
      <h2 id="checkup">Check everything</h2>
      <p>
        Reads the whole record and every recording again, and checks each signature and each picture. The others see
        that you looked.
      </p>
      {progress !== null && (
        <>
          <progress value={progress.done} max={Math.max(1, progress.of)} aria-label="Checked" />
          <p role="status">{said(progress)}</p>
          <Wrong findings={progress.findings} />
        </>
      )}
      <ActionButton action={action} act={act}>
        {action.busy ? "Checking…" : "Check everything"}
      </ActionButton>{" "}
      {action.busy && (
        <button
          type="button"
          class="action plain"
          onClick={() => {
            stopping.current.abort();
          }}
        >
          Stop
        </button>
      )}
      <Fault action={action} />
    </section>
  );
}

function said({ reads, done, of, findings, state }: Progress): string {
  const part = reads === "record" ? `line ${grouped(done)} of ${grouped(of)} of the record` : `${done} of ${of}`;
  switch (state) {
    case "running":
      return `${reads === "record" ? "Reading " : ""}${part}…`;
    case "stopped":
      return `Stopped after ${part}. ${findings.length > 0 ? verdict(findings) : ""}`.trim();
    case "failed":
      return `Broke off after ${part}. ${findings.length > 0 ? verdict(findings) : ""}`.trim();
    case "finished":
      return verdict(findings);
  }
}

const grouped = (count: number): string => count.toLocaleString("en-GB");

function verdict(findings: readonly Finding[]): string {
  const count = (...verdicts: Finding["verdict"][]): number =>
    findings.filter((finding) => verdicts.includes(finding.verdict)).length;
  const good = count("genuine", "interrupted", "unrecorded", "recording");
  const locked = count("locked");
  const missing = count("missing");
  const destroyed = count("destroyed");
  const doubtful = count("doubtful");
  return [
    missing + destroyed + doubtful === 0 ? "Nothing is wrong." : "",
    missing > 0 ? `${plural(missing, "recording")} ${missing === 1 ? "is" : "are"} missing.` : "",
    destroyed > 0 ? `${plural(destroyed, "recording")} ${destroyed === 1 ? "was" : "were"} destroyed.` : "",
    doubtful > 0 ? `${plural(doubtful, "recording")} cannot be trusted.` : "",
    `${plural(good, "recording")} ${good === 1 ? "is" : "are"} exactly what your door recorded.`,
    locked > 0 ? `${plural(locked, "recording")} from before you joined cannot be opened here.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function Wrong({ findings }: { readonly findings: readonly Finding[] }): JSX.Element | null {
  const wrong = findings.filter(({ verdict }) => ["missing", "destroyed", "doubtful"].includes(verdict));
  if (wrong.length === 0) return null;
  return (
    <ul class="rows">
      {wrong.map(({ clip, verdict, reason }) => (
        <li key={clip} class="wrong">
          {`Recording ${clip} is ${verdict}: ${reason}`}
        </li>
      ))}
    </ul>
  );
}
