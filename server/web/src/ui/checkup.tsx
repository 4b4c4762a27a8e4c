// "Check everything": progress while it runs, and what it found, in the words of `doorward verify`.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import { type Finding, checkEverything } from "../door/checkup.ts";
import type { Household } from "../door/household.ts";
import { DeedButton, Fault, useDeed } from "./deed.tsx";
import { plural } from "./words.ts";

interface Progress {
  readonly done: number;
  readonly of: number;
  readonly findings: readonly Finding[];
  readonly finished: boolean;
}

export function Checkup({ household }: { readonly household: Household }): JSX.Element {
  const deed = useDeed();
  const stopping = useRef(new AbortController());
  const [progress, setProgress] = useState<Progress | null>(null);
  const act = async (): Promise<void> => {
    stopping.current = new AbortController();
    const findings: Finding[] = [];
    for await (const { finding, done, of } of checkEverything(household, stopping.current.signal)) {
      if (finding !== null) findings.push(finding);
      setProgress({ done, of, findings: [...findings], finished: done === of });
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
          <p role="status">{progress.finished ? verdict(progress.findings) : `${progress.done} of ${progress.of}…`}</p>
          <Wrong findings={progress.findings} />
        </>
      )}
      <DeedButton deed={deed} act={act}>
        {deed.busy ? "Checking…" : "Check everything"}
      </DeedButton>{" "}
      {deed.busy && (
        <button
          type="button"
          class="deed plain"
          onClick={() => {
            stopping.current.abort();
          }}
        >
          Stop
        </button>
      )}
      <Fault deed={deed} />
    </section>
  );
}

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
