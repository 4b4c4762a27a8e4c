// Which page is shown: pairing, or the household's.

import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { equal, sha256 } from "../format/bytes.ts";
import { CardError, parseCode } from "../format/card.ts";
import { Household } from "../door/household.ts";
import type { Memory, View } from "../door/view.ts";
import { type Joining, Store } from "../keys/store.ts";
import { noFacts } from "../trust/facts.ts";
import { begin } from "../trust/ledger.ts";
import type { Farewell } from "../trust/farewell.ts";
import { readerOf } from "../trust/roster.ts";
import { UNFORESEEN } from "./parts/action.tsx";
import { Parted } from "./pairing/parted.tsx";
import { Home } from "./home.tsx";
import { Pairing } from "./pairing/pairing.tsx";

type Page =
  | { readonly kind: "starting" }
  | { readonly kind: "unsupported"; readonly sentence: string }
  | { readonly kind: "crashed" }
  | {
      readonly kind: "pairing";
      readonly store: Store;
      readonly code: string | null;
      readonly joining: Joining | null;
      /** Where this browser belongs already. */
      readonly memory: Memory | null;
    }
  | { readonly kind: "parted"; readonly memory: Memory; readonly farewell: Farewell }
  | { readonly kind: "home"; readonly household: Household; readonly view: View; readonly welcome: boolean };

/** `code` is the card code of the link that was opened, if it was one. */
export function App({ code }: { readonly code: string | null }): JSX.Element {
  const [page, setPage] = useState<Page>({ kind: "starting" });
  const [stumbled, setStumbled] = useState(false);
  const household = useRef<Household | null>(null);

  // Crash-only: a page whose link to the door died of what nobody foresaw ends with a sentence, and is not left half alive.
  const crash = useCallback((error: unknown) => {
    household.current?.stop();
    household.current = null;
    setPage({ kind: "crashed" });
    reportError(error);
  }, []);

  const enter = useCallback(
    (store: Store, memory: Memory, welcome: boolean, code: string | null) => {
      household.current?.stop();
      household.current = null;
      if (memory.farewell !== null) {
        setPage({ kind: "parted", memory, farewell: memory.farewell });
        return;
      }
      const entered: Household = new Household(store, doorUrl(), memory, (view) => {
        if (household.current !== entered) return;
        // Whom the door no longer recognises came with this code to join again: the card's, or somebody's invitation.
        const { farewell, link } = view;
        if ((link.kind === "stranger" || farewell !== null) && code !== null && isOf(memory, code)) {
          entered.stop();
          household.current = null;
          setPage({ kind: "pairing", store, code, joining: null, memory: { ...memory, farewell } });
        } else if (farewell !== null) {
          household.current = null;
          setPage({ kind: "parted", memory, farewell });
        } else setPage({ kind: "home", household: entered, view, welcome });
      });
      household.current = entered;
      setPage({ kind: "home", household: entered, view: entered.view, welcome });
      entered.run().catch((error: unknown) => {
        if (household.current === entered) crash(error);
      });
    },
    [crash],
  );

  useEffect(() => {
    start(code, enter).then((next) => {
      if (next === null) return;
      household.current?.stop();
      household.current = null;
      setPage(next);
    }, crash);
  }, [code, enter, crash]);

  useEffect(() => {
    // Anything else that nobody foresaw, such as something that a browser refuses, is said and takes nothing away.
    const stumble = () => {
      setStumbled(true);
    };
    addEventListener("unhandledrejection", stumble);
    return () => {
      removeEventListener("unhandledrejection", stumble);
    };
  }, []);

  useEffect(() => {
    const wake = () => {
      if (!document.hidden) household.current?.wake();
    };
    document.addEventListener("visibilitychange", wake);
    addEventListener("online", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("online", wake);
    };
  }, []);

  return (
    <>
      {stumbled && (
        <p class="banner" role="alert">
          {UNFORESEEN}{" "}
          <button
            type="button"
            class="text-button"
            onClick={() => {
              setStumbled(false);
            }}
          >
            All right
          </button>
        </p>
      )}
      <Shown page={page} enter={enter} />
    </>
  );
}

function Shown({ page, enter }: { readonly page: Page; readonly enter: Enter }): JSX.Element {
  switch (page.kind) {
    case "starting":
      return <main class="panel" aria-busy="true" aria-label="Starting" />;
    case "unsupported":
      return (
        <main class="panel">
          <h1>This browser cannot open your door</h1>
          <p role="alert">{page.sentence}</p>
        </main>
      );
    case "crashed":
      return (
        <main class="panel">
          <h1>This page stumbled</h1>
          <p role="alert">
            Something happened that should not. Your keys and recordings are safe; please open the page again.
          </p>
          <button
            type="button"
            class="main-button"
            onClick={() => {
              location.reload();
            }}
          >
            Open again
          </button>
        </main>
      );
    case "pairing": {
      const { store, memory } = page;
      return (
        <Pairing
          key={page.code}
          code={page.code}
          joining={page.joining}
          leaves={memory?.verified.chain.roster ?? null}
          stay={() => {
            void store.forgetJoining().then(() => {
              if (memory !== null) enter(store, memory, false, null);
            });
          }}
          store={store}
          url={doorUrl()}
          joined={(member, verified) => {
            void askToLast();
            enter(store, { member, verified, epochs: [], grants: [], seen: 0, farewell: null }, true, null);
          }}
        />
      );
    }
    case "parted":
      return <Parted door={page.memory.verified.chain.roster.label} farewell={page.farewell} />;
    case "home":
      return <Home household={page.household} view={page.view} welcome={page.welcome} />;
  }
}

type Enter = (store: Store, memory: Memory, welcome: boolean, code: string | null) => void;

/** Enter as the member that this browser is, or return the page to show instead. */
async function start(code: string | null, enter: Enter): Promise<Page | null> {
  if (!isSecureContext)
    return {
      kind: "unsupported",
      sentence: "Keys can only be kept over a secure connection. Open the address that begins with https.",
    };
  let store: Store;
  try {
    store = await Store.open();
  } catch {
    return {
      kind: "unsupported",
      sentence:
        "This browser does not keep keys. Some private windows keep nothing at all: please use an ordinary one.",
    };
  }
  const [memory, joining] = await Promise.all([remembered(store), store.joining()]);
  if (memory === null || joining !== null) return { kind: "pairing", store, code, joining, memory };
  if (code !== null && (!knows(memory, code) || memory.farewell !== null))
    return { kind: "pairing", store, code, joining, memory };
  enter(store, memory, false, code);
  return null;
}

async function remembered(store: Store): Promise<Memory | null> {
  const [member, kept] = await Promise.all([store.member(), store.verified()]);
  if (member === null) return null;
  // Keys whose record was kept in an earlier form: it is read from the door again, from its first line on.
  const verified = kept ?? { chain: begin(member.born), facts: noFacts() };
  const [epochs, grants, seen, farewell] = await Promise.all([
    store.epochFiles(),
    store.grantFiles(),
    store.seen(),
    store.farewell(),
  ]);
  return { member, verified, epochs, grants, seen, farewell };
}

/** Whether a card or invite is of the door that this browser belongs to already, as far as it knows. */
function knows(memory: Memory, code: string): boolean {
  const { member, verified } = memory;
  const { head, roster } = verified.chain;
  return isOf(memory, code) && (head.seq === 0 || readerOf(roster, member.keys.sign) !== undefined);
}

/** Whether a code is of the door that this browser belongs to, or no code at all: then it stays with the door that it has. */
function isOf({ member }: Memory, code: string): boolean {
  try {
    return equal(parseCode(code).bornSha256, sha256(member.born));
  } catch (error) {
    if (error instanceof CardError) return true;
    throw error;
  }
}

/** Ask the browser to keep what is stored even when room runs short. A wish: WebKitGTK cannot be asked, others may refuse or throw. */
async function askToLast(): Promise<void> {
  try {
    const { storage } = navigator as { storage?: Partial<StorageManager> };
    await storage?.persist?.();
  } catch (error) {
    console.warn("this browser promises nothing about what it keeps", error);
  }
}

const doorUrl = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/door`;
