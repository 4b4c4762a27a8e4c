// The service worker, which keeps the page's own files at hand. Browsers give it only to a certificate that they trust.

const SCRIPT = "/worker.js";

/** Trusted Types, which TypeScript does not know yet. */
interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

let registered: Promise<boolean> | null = null;

/** Whether the page will open without the door: false where the browser does not trust the certificate, or has no such thing. */
export function worksOffline(): Promise<boolean> {
  registered ??= register();
  return registered;
}

async function register(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    const { trustedTypes } = window as unknown as { trustedTypes?: Policies };
    // The page's policy lets no plain string become a script's address; this one is the only one there is.
    const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => SCRIPT });
    await navigator.serviceWorker.register(policy?.createScriptURL(SCRIPT) ?? SCRIPT);
    return true;
  } catch {
    // A click through a warning makes a page work, but not this: the browser says no, and gives no better reason.
    return false;
  }
}
