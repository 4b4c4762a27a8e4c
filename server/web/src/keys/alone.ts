// One tab at a time: two tabs that make keys at once would make two readers of one browser, and lose the keys of one.
//
// Source: Web Locks API.

const NAME = "doorward joining";

/** Do `work` while no other tab of this browser does such work; a tab that is closed lets go. */
export const alone = (work: () => Promise<void>): Promise<void> => navigator.locks.request(NAME, work);
